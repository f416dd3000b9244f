"""Browsers say what Python and the known answers say: bytes of patterns, adjacency, homology."""

from __future__ import annotations

import hashlib
import json
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

import relutope as rt
from any_browser import COMMANDS, verdict
from conftest import TRUTH, load_truth
from fuzz import samples
from relutope.errors import InvalidDomainError
from relutope.plotting.viewer import has_engine
from relutope.plotting.viewer.bundle import PAGE, bundle, engine_arguments
from wasm_engine import domain_json, network_json

pytestmark = pytest.mark.skipif(not has_engine(), reason="the WebAssembly core is not built")

MOST_CELLS = 100_000  # that a page takes
RANDOM = 300

SCRIPT = """
const cases = JSON.parse(document.getElementById("cases").textContent);
const digest = async (text) => {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes), (b) => b.toString(16).padStart(2, "0")).join("");
};
async function found(provider, { request, known }) {
  let frame;
  try {
    frame = await provider.ask("complex", request);
  } catch (error) {
    return { error: error.kind };
  }
  const { header, arrays } = frame;
  const N = header.n_neurons;
  const lines = Array.from({ length: header.n_cells }, (_, k) => arrays.patterns.subarray(k * N, (k + 1) * N).join(""));
  const pairs = Array.from({ length: header.n_edges }, (_, k) => lines[arrays.adjacency[2 * k]] + " " + lines[arrays.adjacency[2 * k + 1]]);
  return {
    patterns: await digest(lines.join("\\n")),
    adjacency: await digest(pairs.join("\\n")),
    f_vector: header.f_vector,
    betti: header.betti,
  };
}
(async () => {
  try {
    const provider = await startEngine(...ENGINE);
    let equal = 0;
    for (const one of cases) {
      const answer = await found(provider, one);
      for (const name of Object.keys(one.known)) {
        if (JSON.stringify(answer[name]) !== JSON.stringify(one.known[name])) {
          return tell(`${one.name}: ${name} is ${JSON.stringify(answer[name])}, not ${JSON.stringify(one.known[name])} ${JSON.stringify(answer.error ?? "")}`.slice(0, 1000));
        }
      }
      equal += 1;
    }
    tell(`${equal} equal`);
  } catch (error) {
    tell(`failed: ${error.message}`);
  }
})();
"""  # noqa: E501


def digest(lines):
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def question(network, domain, betti):
    want = ["patterns", "edges", "f_vector", *(["betti"] if betti else [])]
    return {
        "network": network_json(network),
        "domain": domain_json(domain, network.input_dim),
        "want": want,
        "betti": betti,
    }


def truth_cases():
    """All whose network doubles hold, and whose cells a page does."""
    for entry in json.loads((TRUTH / "index.json").read_text()):
        if not entry["float64_exact"]:
            continue
        case = load_truth(entry["file"])
        truth, network = case.truth, rt.Network(case.layers)
        if truth["f_vector"][-1] > MOST_CELLS:
            continue
        names = ("ge0", "superlevel"), ("le0", "sublevel"), ("eq0", "level")
        one = network.output_dim == 1
        betti = [pair for pair in names if one and pair[0] in truth.get("betti", {})]
        known = {
            "patterns": truth["patterns_sha256"],
            "adjacency": truth["adjacency_sha256"],
            "f_vector": truth["f_vector"],
        }
        if betti:
            known["betti"] = [truth["betti"][name] for name, _ in betti]
        request = question(network, case.domain, [{"of": of} for _, of in betti])
        yield {"name": entry["file"], "request": request, "known": known}


def random_cases(count):
    """Repeated, opposite, zero and dead rows, polyhedra, linear units, as tests under node have."""
    sets = [("superlevel", False), ("level", False), ("level", True)]
    betti = [{"of": of, "compactify": c} for of, c in sets]
    for k, sample in enumerate(islice(samples(900), count)):
        network = rt.Network(sample.arrays(), sample.linear_units or None)
        request = question(network, sample.domain(), betti)
        try:
            cx = sample.complex()
        except InvalidDomainError:
            yield {"name": f"random {k}", "request": request, "known": {"error": "empty"}}
            continue
        lines = ["".join(map(str, row)) for row in cx.patterns.astype(np.uint8).tolist()]
        known = {
            "patterns": digest(lines),
            "adjacency": digest(f"{lines[i]} {lines[j]}" for i, j in cx.adjacency.tolist()),
            "f_vector": cx.f_vector.tolist(),
            "betti": [rt.betti(cx, of, compactify=c).tolist() for of, c in sets],
        }
        yield {"name": f"random {k}", "request": request, "known": known}


def page_of(cases):
    stated = json.dumps(cases, allow_nan=False).replace("<", "\\u003c")
    return (
        f'<script type="application/json" id="cases">{stated}</script>'
        f"<script>{bundle(PAGE)}\nconst ENGINE = [{engine_arguments()}];\n{SCRIPT}</script>"
    )


@pytest.fixture(scope="module")
def cases():
    known = list(truth_cases()) if (TRUTH / "index.json").exists() else []
    return [*known, *random_cases(RANDOM)]


@pytest.mark.parametrize("browser", sorted(COMMANDS))
def test_browsers_agree(browser, cases, tmp_path):
    if not COMMANDS[browser](Path())[0]:
        pytest.skip(f"{browser} is not installed")
    assert verdict(browser, page_of(cases), tmp_path, 280) == f"{len(cases)} equal"


@pytest.mark.parametrize("browser", sorted(COMMANDS))
def test_the_comparison_can_fail(browser, tmp_path):
    if not COMMANDS[browser](Path())[0]:
        pytest.skip(f"{browser} is not installed")
    (case,) = random_cases(1)
    case["known"]["adjacency"] = digest(["another"])
    told = verdict(browser, page_of([case]), tmp_path, 120)
    assert told.startswith("random 0: adjacency is")
