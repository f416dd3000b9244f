// @ts-check
// Five things to see, each a line of text and a network.

/** @typedef {{title: string, text: string, network: import("./model.js").NetworkJSON, box?: number, data?: string, colour: string, decay?: number, place?: import("./model.js").Place}} Story */

/** @type {Story[]} */
export const STORIES = [
  {
    title: "A neuron is a line",
    text: "One hidden neuron: its preactivation vanishes on one line, and the network is affine on either side. Drag the bias: the line moves; drag a weight: it turns.",
    network: { layers: [{ W: [[1, 0.5]], b: [0.2] }, { W: [[1]], b: [-0.4] }] },
    colour: "pattern",
    place: { layer: 0, row: 0, column: -1 },
  },
  {
    title: "Depth bends lines",
    text: "Four neurons draw four lines. The neuron of the second layer sees the plane folded along them: its line bends wherever it meets one of the first layer.",
    network: { layers: [{ W: [[1, 0.2], [-0.3, 1], [0.8, -0.7], [0.6, 0.9]], b: [0.1, -0.2, 0.3, -0.4] }, { W: [[1, 1, -1.2, 0.7]], b: [-0.3] }, { W: [[1]], b: [0] }] },
    colour: "pattern",
    place: { layer: 1, row: 0, column: -1 },
  },
  {
    title: "Hamming distance 1 is not adjacency",
    text: "Three neurons on a line: patterns 100, 101, 111, 110 from left to right. The first and the last differ in one neuron, and are far apart.",
    network: { layers: [{ W: [[1], [1]], b: [10, 0] }, { W: [[1, -2]], b: [-9] }, { W: [[1]], b: [0] }] },
    box: 9,
    colour: "active",
    place: { layer: 1, row: 0, column: -1 },
  },
  {
    title: "Watch the Fiedler cut find the boundary",
    text: "Train on the annuli, with the cells coloured by the Fiedler partition of their dual graph. Sometimes the weakest cut of the graph runs along the decision boundary, and often it does not: the number of cells on which they agree says which.",
    network: { layers: [{ W: [[1, 0.1], [0.2, 1], [-1, 0.3], [0.1, -1], [0.8, 0.7], [-0.7, 0.8]], b: [0.2, 0.1, 0.3, 0.2, -0.1, 0.15] }, { W: [[1, -0.8, 0.6, 0.9, -1, 0.5]], b: [-0.2] }] },
    data: "annuli",
    colour: "cut",
  },
  {
    title: "Late understanding",
    text: "Eight neurons, four corners, weight decay 1: training accuracy can be perfect long before the held-out accuracy follows. Press Run, and watch both, and the number of cells. Click the curve to go back.",
    network: { layers: [{ W: [[1.2, -0.4], [-0.9, 1.1], [0.5, 0.9], [-1, -0.6], [0.3, -1.2], [0.9, 0.2], [-0.2, 0.7], [0.6, -0.8]], b: [0.3, -0.2, 0.4, 0.1, -0.3, 0.2, 0.5, -0.1] }, { W: [[0.8, -1, 0.7, 0.9, -0.6, 0.4, -0.8, 0.5]], b: [0] }] },
    data: "xor",
    colour: "label",
    decay: 1,
  },
];
