#include "spectra/star_mesh.hpp"

#include <set>
#include <utility>

namespace relutope {

StarMesh::StarMesh(int nodes, std::span<const WeightedEdge> edges, const std::function<void()>& poll) {
    std::vector<std::vector<Link>> links(nodes);
    std::vector<std::int32_t> place(nodes, -1);
    const auto join = [&](std::int32_t from, std::int32_t to, double weight) {  // REQUIRES: place[] is that of `from`
        if (place[to] < 0) {
            place[to] = static_cast<std::int32_t>(links[from].size());
            links[from].push_back({to, 0.0});
        }
        links[from][place[to]].weight += weight;
    };
    for (const WeightedEdge& edge : edges) {
        links[edge.first].push_back({edge.second, edge.weight});
        links[edge.second].push_back({edge.first, edge.weight});
    }
    std::set<std::pair<std::size_t, std::int32_t>> by_degree;
    for (std::int32_t v = 0; v < nodes; ++v) by_degree.insert({links[v].size(), v});
    while (!by_degree.empty()) {
        const std::int32_t v = by_degree.begin()->second;
        by_degree.erase(by_degree.begin());
        if (order_.size() % 256 == 0) poll();
        const std::vector<Link> star = std::move(links[v]);
        links[v] = {};
        double total = 0;
        for (const Link& link : star) total += link.weight;
        for (const Link& link : star) {
            std::vector<Link>& own = links[link.node];
            by_degree.erase({own.size(), link.node});
            std::erase_if(own, [v](const Link& other) { return other.node == v; });
            for (std::size_t k = 0; k < own.size(); ++k) place[own[k].node] = static_cast<std::int32_t>(k);
            for (const Link& other : star)
                if (other.node != link.node) join(link.node, other.node, link.weight * (other.weight / total));
            for (const Link& other : own) place[other.node] = -1;
            by_degree.insert({own.size(), link.node});
        }
        order_.push_back(v);
        links_.insert(links_.end(), star.begin(), star.end());
        begin_.push_back(static_cast<std::int64_t>(links_.size()));
        total_.push_back(total);
    }
}

void StarMesh::solve(std::span<double> values) const {
    for (std::size_t k = 0; k < order_.size(); ++k) {
        const double flow = values[order_[k]];
        for (std::int64_t at = begin_[k]; at < begin_[k + 1]; ++at) values[links_[at].node] += flow * (links_[at].weight / total_[k]);
    }
    for (std::size_t k = order_.size(); k-- > 0;) {
        if (begin_[k] == begin_[k + 1]) {
            values[order_[k]] = 0;  // the last node: the constant is free
            continue;
        }
        double sum = values[order_[k]];
        for (std::int64_t at = begin_[k]; at < begin_[k + 1]; ++at) sum += links_[at].weight * values[links_[at].node];
        values[order_[k]] = sum / total_[k];
    }
}

}  // namespace relutope
