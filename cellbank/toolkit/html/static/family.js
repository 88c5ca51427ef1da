// In a lineage drawing, the path through what is pointed at or in focus lights up.

export function traceFamilies(root = document) {
  for (const drawing of root.querySelectorAll(".lineage:not([data-is-ready])")) {
    drawing.dataset.isReady = "yes";
    const edges = [...drawing.querySelectorAll(".edge")];
    for (const kind of ["pointerover", "focusin"]) {
      drawing.addEventListener(kind, (event) => {
        const node = event.target.closest?.("a")?.querySelector(".node") || event.target.closest?.(".node");
        if (node) light(drawing, edges, node.dataset.node);
        else if (kind === "pointerover") dim(drawing);
      });
    }
    drawing.addEventListener("pointerleave", () => dim(drawing));
    drawing.addEventListener("focusout", () => dim(drawing));
    drawing.querySelector(".is-focus")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

function dim(drawing) {
  drawing.classList.remove("is-tracing");
}

function light(drawing, edges, name) {
  const onPath = new Set([name]);
  for (const [from, to] of [["from", "to"], ["to", "from"]]) {
    const waiting = [name];
    while (waiting.length) {
      const at = waiting.pop();
      for (const edge of edges) {
        if (edge.dataset[from] !== at) continue;
        if (!onPath.has(edge.dataset[to])) waiting.push(edge.dataset[to]);
        onPath.add(edge.dataset[to]);
      }
    }
  }
  for (const node of drawing.querySelectorAll(".node")) node.classList.toggle("is-on-path", onPath.has(node.dataset.node));
  for (const edge of edges) edge.classList.toggle("is-on-path", onPath.has(edge.dataset.from) && onPath.has(edge.dataset.to));
  drawing.classList.add("is-tracing");
}
