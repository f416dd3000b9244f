// Table of contents of the WebAssembly module. engine.js is the other side of this boundary.
//
// A call gets numbers through the request's two areas, and returns a status: 0, or what went wrong, in words in `relutope_message`.
// Its arrays stay until the next call. No exception leaves the module.
#include <map>
#include <memory>
#include <new>

#include "wasm/calls.hpp"

#define RELUTOPE_EXPORT extern "C" __attribute__((used, visibility("default")))

namespace {

using namespace relutope;
using namespace relutope::wasm;

// The same numbers as in engine.js.
enum Status { ok, invalid, too_many_cells, empty_domain, too_many_facets, out_of_memory, stopped, broken };

Request request;
Reply reply;
std::string message;
std::map<int, std::unique_ptr<HeldComplex>> held;
int next_handle = 1;

Status fail(Status status, const char* what) {
    message = what;
    reply.clear();
    return status;
}

template <class Work>
int guarded(Work&& work) {
    reply.clear();
    Request given = std::move(request);
    request.clear();
    try {
        work(given);
        return ok;
    } catch (const std::bad_alloc&) {
        return fail(out_of_memory, "the memory that a page may use is exhausted; take a smaller domain or network");
    } catch (const std::length_error&) {
        return fail(out_of_memory, "an array is longer than a page may hold; take a smaller domain or network");
    } catch (const std::invalid_argument& error) {
        return fail(invalid, error.what());
    } catch (const TooManyCells& error) {
        return fail(too_many_cells, error.what());
    } catch (const EmptyDomain& error) {
        return fail(empty_domain, error.what());
    } catch (const TooManyFacets& error) {
        return fail(too_many_facets, error.what());
    } catch (const Stopped& error) {
        return fail(stopped, error.what());
    } catch (const std::exception& error) {
        return fail(broken, error.what());
    }
}

HeldComplex& complex_of(int handle) {
    const auto found = held.find(handle);
    if (found == held.end()) throw std::invalid_argument("there is no such complex; it was given back");
    return *found->second;
}

template <class Work>
int with_complex(int handle, Work&& work) {
    return guarded([&](Request& given) { work(complex_of(handle), given); });
}

}  // namespace

RELUTOPE_EXPORT std::int32_t* relutope_ints(std::size_t count) {
    std::int32_t* area = nullptr;
    guarded([&](Request& given) {
        request = std::move(given);
        area = request.reserve_ints(count);
    });
    return area;
}

RELUTOPE_EXPORT double* relutope_doubles(std::size_t count) {
    double* area = nullptr;
    guarded([&](Request& given) {
        request = std::move(given);
        area = request.reserve_doubles(count);
    });
    return area;
}

RELUTOPE_EXPORT const char* relutope_message() { return message.c_str(); }
RELUTOPE_EXPORT int relutope_arrays() { return reply.size(); }
RELUTOPE_EXPORT int relutope_array_type(int index) { return static_cast<int>(reply.array(index).index()); }
RELUTOPE_EXPORT int relutope_array_length(int index) {
    return std::visit([](const auto& values) { return static_cast<int>(values.size()); }, reply.array(index));
}
RELUTOPE_EXPORT const void* relutope_array_data(int index) {
    return std::visit([](const auto& values) { return static_cast<const void*>(values.data()); }, reply.array(index));
}
RELUTOPE_EXPORT void relutope_clear() { reply.clear(); }

// The handle is the last array.
RELUTOPE_EXPORT int relutope_decompose(double max_cells, int vertices) {
    return guarded([&](Request& given) {
        if (!(max_cells >= 1 && max_cells <= 1e7)) throw std::invalid_argument("`maxCells` must be between 1 and 10 million");
        if (vertices < 0 || vertices > 2) throw std::invalid_argument("`vertices` must be 0, 1 or 2");
        auto complex = std::make_unique<HeldComplex>(given, static_cast<std::uint64_t>(max_cells), static_cast<HeldComplex::Vertices>(vertices));
        reply_cells(*complex, reply);
        reply.put(std::vector<std::int32_t>{next_handle});
        held.emplace(next_handle++, std::move(complex));
    });
}

RELUTOPE_EXPORT void relutope_free(int handle) { held.erase(handle); }
RELUTOPE_EXPORT int relutope_held() { return static_cast<int>(held.size()); }

RELUTOPE_EXPORT int relutope_vertices(int handle, int outputs) {
    return with_complex(handle, [&](HeldComplex& complex, Request&) { reply_vertices(complex, outputs != 0, reply); });
}
RELUTOPE_EXPORT int relutope_signs(int handle) {
    return with_complex(handle, [&](HeldComplex& complex, Request&) { reply_signs(complex, reply); });
}
RELUTOPE_EXPORT int relutope_outlines(int handle) {
    return with_complex(handle, [&](HeldComplex& complex, Request&) { reply_outlines(complex, reply); });
}
RELUTOPE_EXPORT int relutope_face_counts(int handle) {
    return with_complex(handle, [&](HeldComplex& complex, Request&) { reply_face_counts(complex, reply); });
}
RELUTOPE_EXPORT int relutope_betti(int handle, int prime, int compactify) {
    return with_complex(handle,
                        [&](HeldComplex& complex, Request& given) { reply_betti(complex, given, prime, compactify != 0, reply); });
}
RELUTOPE_EXPORT int relutope_persistence(int handle, int prime, int by_cells) {
    return with_complex(handle,
                        [&](HeldComplex& complex, Request& given) { reply_persistence(complex, given, prime, by_cells != 0, reply); });
}
RELUTOPE_EXPORT int relutope_locate(int handle) {
    return with_complex(handle, [&](HeldComplex& complex, Request& given) { reply_locations(complex, given, reply); });
}
RELUTOPE_EXPORT int relutope_modes(int nodes, int count, int normalized) {
    return guarded([&](Request& given) { reply_modes(given, nodes, count, normalized != 0, reply); });
}
