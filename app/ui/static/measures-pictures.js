"use strict";
// Pictures of the table as inline SVG: amounts on a logarithmic scale, and who is responsible for what. Everything is
// put in as text. Each picture has a title, a table that says the same, and marks reached with the arrow keys.
window.policyPictures = (() => {
  const SVG = "http://www.w3.org/2000/svg";
  const NARROW = 640;
  const s = (name, attributes = {}, ...children) => {
    const element = document.createElementNS(SVG, name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const h = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  // A Chinese character is as wide as its height, others about half.
  const widthOf = (text, size) => [...text].reduce((sum, c) => sum + (c.codePointAt(0) > 0x2e80 ? size : size * 0.56), 0);
  const cut = (text, size, width) => {
    if (widthOf(text, size) <= width) return text;
    let kept = "";
    for (const c of text) {
      if (widthOf(`${kept}${c}…`, size) > width) break;
      kept += c;
    }
    return `${kept}…`;
  };

  // One tab stop a picture; arrow keys move between its marks.
  const rove = (svg) => {
    const marks = [...svg.querySelectorAll("a")];
    marks.forEach((mark, index) => mark.setAttribute("tabindex", index ? "-1" : "0"));
    svg.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      const at = marks.indexOf(event.target.closest("a"));
      if (at < 0) return;
      const next = event.key === "Home" ? 0 : event.key === "End" ? marks.length - 1 : step ? at + step : -1;
      if (next < 0 || next >= marks.length) return;
      event.preventDefault();
      marks[at].setAttribute("tabindex", "-1");
      marks[next].setAttribute("tabindex", "0");
      marks[next].focus();
    });
  };

  let pictures = 0;
  const figure = (title, about, keys, tableTitle, columns, lines, draw) => {
    const id = `picture-${(pictures += 1)}`;
    const canvas = h("div", { class: "canvas" });
    const table = h("table", {},
      h("thead", {}, h("tr", {}, ...columns.map((c) => h("th", { scope: "col" }, c)))),
      h("tbody", {}, ...lines.map((line) => h("tr", {}, ...line.map((cell) => h("td", {}, cell))))));
    const made = h("figure", { class: "picture" },
      h("h2", { id }, title), h("p", { class: "about" }, about), canvas,
      h("p", { class: "keys no-print" }, keys),
      h("details", { class: "as-table" }, h("summary", {}, tableTitle), h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": title }, table)));
    const render = (width) => {
      const svg = draw(width);
      svg.setAttribute("role", "group");
      svg.setAttribute("aria-labelledby", id);
      canvas.replaceChildren(svg);
      rove(svg);
    };
    return { element: made, render };
  };

  const scaleFor = (values, left, right) => {
    const low = Math.log10(Math.min(...values)) - 0.08;
    const high = Math.max(Math.log10(Math.max(...values)) + 0.08, low + 0.5);
    return { low, high, x: (value) => left + ((Math.log10(value) - low) / (high - low)) * (right - left) };
  };
  const ticksIn = ({ low, high }, few) => {
    const ticks = [];
    for (let power = Math.floor(low); power <= high; power += 1) {
      for (const lead of few ? [1] : [1, 5]) {
        const value = lead * 10 ** power;
        if (Math.log10(value) >= low && Math.log10(value) <= high) ticks.push(value);
      }
    }
    return ticks;
  };

  // groups: [{label, items: [{value, least, fixed, text, href, name}]}], in the order to be drawn.
  const amounts = (groups, figureOf) => (width) => {
    const narrow = width < NARROW;
    const size = 13;
    const left = narrow ? 12 : Math.min(330, width * 0.32);
    const right = width - 18;
    const scale = scaleFor(groups.flatMap((g) => g.items.map((i) => i.value)), left + 8, right);
    const lane = 22;
    const top = 30;
    let y = top;
    const rows = groups.map((group) => {
      const ends = [];
      const placed = [...group.items].sort((a, b) => a.value - b.value).map((item) => {
        const x = scale.x(item.value);
        // Fonts differ: the figure is given room beyond its reckoned width.
        const wide = widthOf(item.text, size) * 1.1 + 18;
        const before = x + wide > width;
        const [from, to] = before ? [x - wide, x + 8] : [x - 8, x + wide];
        let at = ends.findIndex((end) => end < from);
        if (at < 0) at = ends.length;
        ends[at] = to + 6;
        return { item, x, before, at };
      });
      const head = narrow ? 22 : 0;
      const row = { group, y, head, placed, height: head + Math.max(1, ends.length) * lane + 8 };
      y += row.height;
      return row;
    });
    const svg = s("svg", { width, height: y + 6, viewBox: `0 0 ${width} ${y + 6}` });
    let lastEnd = -Infinity;
    for (const value of ticksIn(scale, narrow)) {
      const x = scale.x(value);
      const text = figureOf(value);
      const half = widthOf(text, 12) / 2;
      svg.append(s("line", { class: "grid", x1: x, x2: x, y1: top - 6, y2: y }));
      if (x - half > lastEnd && x + half < width) {
        svg.append(s("text", { class: "tick", x, y: 14, "text-anchor": "middle" }, text));
        lastEnd = x + half + 8;
      }
    }
    for (const { group, y: at, head, placed, height } of rows) {
      svg.append(s("line", { class: "rule", x1: 0, x2: width, y1: at + height - 2, y2: at + height - 2 }));
      svg.append(s("text", { class: "row", x: narrow ? 0 : 0, y: at + 16, "font-size": size }, cut(group.label, size, narrow ? width : left - 14)));
      for (const { item, x, before, at: number } of placed) {
        const middle = at + head + number * lane + 12;
        const mark = s("a", { href: item.href, "aria-label": item.name });
        if (item.least) mark.append(s("line", { class: "range", x1: scale.x(item.least), x2: x, y1: middle, y2: middle }));
        mark.append(item.fixed
          ? s("rect", { class: "mark", x: x - 5, y: middle - 5, width: 10, height: 10, transform: `rotate(45 ${x} ${middle})` })
          : s("circle", { class: "mark", cx: x, cy: middle, r: 5.5 }));
        mark.append(s("text", { class: "value", x: before ? x - 10 : x + 10, y: middle + 4.5, "text-anchor": before ? "end" : "start" }, item.text));
        mark.append(s("title", {}, item.name));
        svg.append(mark);
      }
    }
    return svg;
  };

  // lines: [{label, marks: [{column, lead, href, name}]}]; columns: [{id, label}].
  const matrix = (lines, columns) => (width) => {
    const narrow = width < NARROW;
    const left = narrow ? 8 : Math.min(260, width * 0.28);
    const step = Math.min(40, (width - left - 8) / Math.max(1, columns.length));
    const stacks = columns.map((c) => [...c.label.replace(/[()（）第条.]/g, "")]);
    const top = Math.max(...stacks.map((stack) => stack.length)) * 14 + 10;
    const height = narrow ? 46 : 28;
    const total = top + lines.length * height + 6;
    const svg = s("svg", { width, height: total, viewBox: `0 0 ${width} ${total}` });
    const x = (index) => left + step * (index + 0.5);
    stacks.forEach((stack, index) => {
      svg.append(s("line", { class: "grid", x1: x(index), x2: x(index), y1: top - 4, y2: total - 4 }));
      stack.forEach((c, n) => svg.append(s("text", { class: "tick", x: x(index), y: top - 8 - (stack.length - 1 - n) * 14, "text-anchor": "middle" }, c)));
    });
    lines.forEach((line, number) => {
      const y = top + number * height;
      svg.append(s("line", { class: "rule", x1: 0, x2: width, y1: y, y2: y }));
      svg.append(s("text", { class: "row", x: 0, y: y + (narrow ? 16 : 19), "font-size": 13 }, cut(line.label, 13, narrow ? width : left - 10)));
      for (const m of line.marks) {
        const at = columns.findIndex((c) => c.id === m.column);
        svg.append(s("a", { href: m.href, "aria-label": m.name },
          s("circle", { class: m.lead ? "mark" : "mark hollow", cx: x(at), cy: y + (narrow ? 32 : 14), r: Math.min(6, step * 0.36) }),
          s("title", {}, m.name)));
      }
    });
    return svg;
  };

  return { figure, amounts, matrix };
})();
