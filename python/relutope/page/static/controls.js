// @ts-check
// Controls of the page: labelled, reachable by keyboard.

import { make } from "./dom.js";

/** @param {string} title @param {(Node | string)[]} children */
export function panel(title, children) {
  return make("section", { "aria-label": title }, [make("h2", {}, [title]), ...children]);
}

/** @param {string} text @param {() => void} act @param {string} [id] */
export function button(text, act, id) {
  const element = make("button", { type: "button", ...(id ? { id } : {}) }, [text]);
  element.addEventListener("click", act);
  return element;
}

/**
 * @param {string} text @param {string} id @param {Record<string, string> | string[]} choices @param {string} value @param {(value: string) => void} act
 */
export function select(text, id, choices, value, act) {
  const entries = Array.isArray(choices) ? choices.map((name) => [name, name]) : Object.entries(choices);
  const element = make("select", { id }, entries.map(([name, title]) => make("option", { value: name }, [title])));
  element.value = value;
  element.addEventListener("change", () => act(element.value));
  return make("label", {}, [text, element]);
}

/**
 * @param {string} text @param {string} id @param {string} type @param {string} value @param {(value: string) => void} act
 * @param {Record<string, string>} [attributes]
 */
export function input(text, id, type, value, act, attributes = {}) {
  const element = make("input", { id, type, ...attributes });
  if (type === "checkbox") {
    element.checked = value === "true";
    element.addEventListener("change", () => act(String(element.checked)));
  } else {
    element.value = value;
    let before = value;
    element.addEventListener("focus", () => (before = element.value));
    element.addEventListener("change", () => {
      if (type === "number" && !Number.isFinite(element.valueAsNumber)) element.value = before; // no number: nothing was said
      else act((before = element.value));
    });
  }
  return make("label", {}, [text, element]);
}

/** @param {string} id @returns {any} */
export function byId(id) {
  return document.getElementById(id);
}

/** @param {...(Node | string)} children */
export function row(...children) {
  return make("div", { class: "row" }, children);
}
