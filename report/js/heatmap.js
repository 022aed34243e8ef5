/* Rows by columns of shares, 0 .. 1, as shades; pointer and arrow keys read single cells. */
{
  /* A picture with a pixel a cell. colour(r, c): null, nothing there. */
  const picture = (rows, columns, colour) => {
    const canvas = document.createElement("canvas");
    canvas.width = columns;
    canvas.height = rows;
    const context = canvas.getContext("2d");
    const pixels = context.createImageData(columns, rows);
    for (let r = 0, at = 0; r < rows; r++)
      for (let c = 0; c < columns; c++, at += 4) {
        const shade = colour(r, c);
        if (shade) pixels.data.set([shade.r, shade.g, shade.b, 255], at);
      }
    context.putImageData(pixels, 0, 0);
    return canvas.toDataURL();
  };

  const shades = (value) => {
    const ramp = d3.interpolateLab(shoal.colour("ramp-from"), shoal.colour("ramp-to"));
    const all = d3.range(256).map((i) => d3.rgb(ramp(i / 255)));
    return (r, c) => {
      const share = value(r, c);
      return share === null ? null : all[Math.round(Math.max(0, Math.min(1, share)) * 255)];
    };
  };

  /* Names beside rows, or under columns; as many as there is room for. */
  const every = (count, room, each) => Math.max(1, Math.ceil((count * each) / room));

  const rowNames = (svg, place, names, height) => {
    const step = every(names.length, place.height, 13);
    names.forEach((name, i) => {
      if (i % step) return;
      svg.append("text").attr("class", "name").attr("x", place.left - 6).attr("text-anchor", "end")
        .attr("y", place.top + (i + 0.5) * height + 4).text(shoal.short(name, 12));
    });
  };

  const columnNames = (svg, place, names, width) => {
    const step = every(names.length, place.width, 15);
    names.forEach((name, i) => {
      if (i % step) return;
      const x = place.left + (i + 0.5) * width + 4, y = place.top + place.height + 8;
      svg.append("text").attr("class", "name").attr("text-anchor", "end").attr("transform", `translate(${x},${y}) rotate(-55)`)
        .text(shoal.short(name, 12));
    });
  };

  const scale = (svg, width, [low, high], label) => {
    const id = `ramp-${Math.random().toString(36).slice(2)}`;
    const gradient = svg.append("defs").append("linearGradient").attr("id", id);
    [0, 0.25, 0.5, 0.75, 1].forEach((t) => gradient.append("stop").attr("offset", t)
      .attr("stop-color", d3.interpolateLab(shoal.colour("ramp-from"), shoal.colour("ramp-to"))(t)));
    const g = svg.append("g").attr("transform", `translate(${width},0)`);
    g.append("text").attr("class", "unit").attr("text-anchor", "end").attr("y", 10).text(high);
    const highWidth = high.length * 6.6 + 6;
    g.append("rect").attr("x", -highWidth - 70).attr("y", 1).attr("width", 70).attr("height", 10).attr("fill", `url(#${id})`);
    g.append("text").attr("class", "unit").attr("text-anchor", "end").attr("x", -highWidth - 76).attr("y", 10).text(`${label} ${low}`);
  };

  const move = (key, cell, rows, columns) => {
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], PageUp: [-5, 0], PageDown: [5, 0] };
    if (key === "Home") return [cell[0], 0];
    if (key === "End") return [cell[0], columns - 1];
    if (!steps[key]) return null;
    return [Math.max(0, Math.min(rows - 1, cell[0] + steps[key][0])), Math.max(0, Math.min(columns - 1, cell[1] + steps[key][1]))];
  };

  const listen = (svg, place, rows, columns, describe) => {
    const node = svg.node(), w = place.width / columns, h = place.height / rows;
    const mark = svg.append("rect").attr("class", "cell").attr("width", Math.max(w, 3)).attr("height", h).style("display", "none");
    let cell = null;
    const show = (r, c, clientX, clientY) => {
      cell = [r, c];
      mark.attr("x", place.left + c * w).attr("y", place.top + r * h).style("display", null);
      const box = node.getBoundingClientRect(), k = box.width / node.viewBox.baseVal.width;
      shoal.tip.show(describe(r, c), clientX ?? box.left + (place.left + (c + 1) * w) * k, clientY ?? box.top + (place.top + (r + 1) * h) * k);
    };
    const hide = () => { mark.style("display", "none"); shoal.tip.hide(); };
    svg.attr("tabindex", 0)
      .on("pointermove", () => {
        const [x, y] = d3.mouse(node);
        const r = Math.floor((y - place.top) / h), c = Math.floor((x - place.left) / w);
        if (r < 0 || c < 0 || r >= rows || c >= columns) hide();
        else show(r, c, d3.event.clientX, d3.event.clientY);
      })
      .on("pointerleave blur", hide)
      .on("keydown", () => {
        const next = move(d3.event.key, cell || [0, -1], rows, columns);
        if (!next) return;
        d3.event.preventDefault();
        show(...next);
      });
  };

  /* map: {label, rows: names, columns: number, columnNames or x (a domain of seconds), unit, value(r, c), a share or null,
   * or colour(r, c), describe(r, c), legend: {label, ends} of shares, cellHeight}. */
  shoal.heatmap = (host, width, map) => {
    const rows = map.rows.length;
    const longest = d3.max(map.rows, (name) => shoal.short(name, 12).length) || 1;
    const left = Math.min(104, longest * 7 + 12), foot = map.columnNames ? 74 : 40;
    const height = Math.max(60, Math.min(rows * (map.cellHeight || 16), 420));
    const place = { left, top: map.legend ? 22 : 6, width: width - left - 10, height };
    const svg = shoal.svg(host, width, height + place.top + foot, map.label);
    if (map.legend) scale(svg, width - 10, map.legend.ends, map.legend.label);
    svg.append("image").attr("class", "heat").attr("x", place.left).attr("y", place.top).attr("width", place.width)
      .attr("height", height).attr("preserveAspectRatio", "none").attr("href", picture(rows, map.columns, map.colour || shades(map.value)));
    svg.append("rect").attr("class", "frame").attr("x", place.left).attr("y", place.top).attr("width", place.width).attr("height", height);
    rowNames(svg, place, map.rows, height / rows);
    if (map.columnNames) {
      columnNames(svg, place, map.columnNames, place.width / map.columns);
      svg.append("text").attr("class", "unit").attr("x", place.left + place.width).attr("text-anchor", "end").attr("y", place.top + height + foot - 4).text(map.unit);
    } else {
      shoal.xAxis(svg, d3.scaleLinear(map.x, [place.left, place.left + place.width]), place, map.unit);
    }
    listen(svg, place, rows, map.columns, map.describe);
  };
}
