// Times the search and the linking alone, without Python: core_bench REPEATS FILE...
//
// A file holds the number of layer sizes, the sizes, then for each layer the weights (row-major) and biases as hexadecimal floats.
// The domain is the box [-1, 1]^n. Prints CPU seconds (best of REPEATS) and the number of cells and edges.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>

#include "complex/cells/cell_complex.hpp"

namespace {

double cpu_seconds() {
    timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

relutope::Network read_network(const char* path) {
    std::ifstream file(path);
    int count = 0;
    file >> count;
    std::vector<int> sizes(count);
    for (int& size : sizes) file >> size;
    std::vector<relutope::Layer> layers;
    std::string text;
    const auto read = [&](std::vector<double>& values, int number) {
        for (int i = 0; i < number && file >> text; ++i) values.push_back(std::strtod(text.c_str(), nullptr));
    };
    for (int l = 0; l + 1 < count; ++l) {
        relutope::Layer layer;
        layer.inputs = sizes[l];
        layer.outputs = sizes[l + 1];
        read(layer.weight, layer.inputs * layer.outputs);
        read(layer.bias, layer.outputs);
        layers.push_back(layer);
    }
    return relutope::Network(std::move(layers));
}

}  // namespace

int main(int argc, char** argv) {
    for (int k = 2; k < argc; ++k) {
        const relutope::Network network = read_network(argv[k]);
        const std::size_t n = network.input_dimension();
        const relutope::Domain domain{std::vector<double>(n, -1.0), std::vector<double>(n, 1.0), {}};
        double best = 1e300;
        long long cells = 0, edges = 0;
        for (int repeat = 0; repeat < std::atoi(argv[1]); ++repeat) {
            relutope::SearchControl control;
            const double start = cpu_seconds();
            auto result = relutope::search(network, domain, {}, control);
            const auto complex = relutope::assemble(result, network, domain);
            best = std::min(best, cpu_seconds() - start);
            cells = complex.num_cells();
            edges = complex.num_edges();
        }
        std::printf("%.6f %lld %lld\n", best, cells, edges);
    }
}
