/* How the blocks spread: copies of the rarest, the median and the commonest block. */
{
  const read = (detail) => shoal.once(detail, "copies", () => shoal.unpackRows(detail.copies.rows, 3, detail.steps + 1));
  const names = ["rarest block", "median block", "commonest block"];
  const kinds = ["p2p", "p2p-2", "p2p-3"];

  const inWords = (detail, rows) => {
    const last = detail.steps, at = (i) => shoal.seconds((i * detail.length_s) / detail.steps);
    const file = shoal.shown(detail.files[detail.copies.file].name);
    const once = rows[0].reduce((found, n, i) => (n < 2 ? i : found), -1), lost = rows[0].findIndex((n) => n === 0);
    const texts = [once === last ? `Some block of ${file} had fewer than two copies until the end` : `From ${at(once + 1)} on every block of ${file} had at least two copies`];
    if (lost >= 0) texts.push(`at ${at(lost)} some block had none at nodes that were there`);
    texts.push(`at the end the rarest had ${shoal.count(rows[0][last])}, the commonest ${shoal.count(rows[2][last])}`);
    const worst = d3.scan(d3.range(last + 1), (a, b) => rows[2][b] - rows[0][b] - (rows[2][a] - rows[0][a]));
    texts.push(`they differed most at ${at(worst)}: ${shoal.count(rows[0][worst])} against ${shoal.count(rows[2][worst])}`);
    return `${texts.join("; ")}.`;
  };

  const label = (svg, row, x, y, i, place) => {
    const j = Math.round(row.length * [0.72, 0.5, 0.3][i]);
    svg.append("text").attr("class", `${kinds[i]} halo`).attr("x", x(j) + (i === 0 ? 8 : -8)).attr("text-anchor", i === 0 ? "start" : "end")
      .attr("y", Math.max(place.top + 16, y(row[j]) - 7)).text(names[i]);
  };

  shoal.blockSpread = (parent, one, getDetail) => shoal.figure(parent, {
    title: "How the blocks spread", name: "spread", height: 300,
    draw: (body, width) => {
      const detail = getDetail();
      if (!detail) return shoal.nothing(body, "This model was not played.");
      if (!detail.copies || detail.copies.file < 0) return shoal.nothing(body, "When each block came was not recorded in this run (shoal run --store FILE records it).");
      const rows = read(detail);
      const place = { left: 44, top: 30, width: width - 58, height: 220 };
      const svg = shoal.svg(body, width, 294, `Copies of the rarest, median and commonest block in ${shoal.caseName(one)}`);
      const t = d3.scaleLinear([0, detail.length_s], [place.left, place.left + place.width]);
      const x = (i) => t((i * detail.length_s) / detail.steps);
      const y = d3.scaleLinear([0, Math.max(1, d3.max(rows[2]))], [place.top + place.height, place.top]).nice();
      shoal.yAxis(svg, y, place, "copies at nodes that are there", { ticks: Math.min(5, y.domain()[1]) });
      shoal.xAxis(svg, t, place, "s since the first download began");
      const area = d3.area().curve(d3.curveStepAfter).x((v, i) => x(i)).y0((v, i) => y(rows[0][i])).y1((v, i) => y(rows[2][i]));
      svg.append("path").attr("class", "p2p-fill").attr("opacity", 0.1).attr("d", area(rows[0]));
      const line = d3.line().curve(d3.curveStepAfter).x((v, i) => x(i)).y((v) => y(v));
      [2, 1, 0].forEach((i) => svg.append("path").attr("class", `${kinds[i]}-line`).attr("stroke-width", i ? 1.5 : 2.5).attr("d", line(rows[i])));
      [2, 1, 0].forEach((i) => { if (i === 0 || d3.max(rows[i], (v, j) => v - rows[0][j]) > y.domain()[1] * 0.12) label(svg, rows[i], x, y, i, place); });
      shoal.timeCursor(svg, t, place, (s) => {
        const i = Math.round((s / detail.length_s) * detail.steps);
        return [`at ${shoal.seconds(s)}`, ...names.map((name, k) => `${name}: ${shoal.plural(rows[k][i], "copy", "copies")}`)];
      });
      return inWords(detail, rows);
    },
  });
}
