/* Reads what results/pack.c writes: seven bits a byte, the lowest first, in base64. */
{
  const bytesOf = (text) => {
    const letters = atob(text || "");
    const bytes = new Uint8Array(letters.length);
    for (let i = 0; i < letters.length; i++) bytes[i] = letters.charCodeAt(i);
    return bytes;
  };

  /* An iterator: next() and signed() give a number each, done() says whether there is none left. */
  shoal.unpack = (text) => {
    const bytes = bytesOf(text);
    let at = 0;
    const next = () => {
      let value = 0, scale = 1, byte;
      do {
        byte = bytes[at++];
        value += (byte & 0x7f) * scale; /* not by bits: they are 32 only */
        scale *= 128;
      } while (byte & 0x80);
      return value;
    };
    const signed = () => {
      const twice = next();
      return twice % 2 ? -(twice + 1) / 2 : twice / 2;
    };
    return { next, signed, done: () => at >= bytes.length };
  };

  /* Rows of differences: an array of `rows` typed arrays of `columns`. */
  shoal.unpackRows = (text, rows, columns) => {
    const from = shoal.unpack(text);
    return d3.range(rows).map(() => {
      const row = new Int32Array(columns);
      let value = 0;
      for (let i = 0; i < columns; i++) row[i] = value += from.signed();
      return row;
    });
  };

  /* What was unpacked of a run once is kept. */
  const kept = new WeakMap();
  shoal.once = (detail, key, make) => {
    if (!kept.has(detail)) kept.set(detail, {});
    const all = kept.get(detail);
    if (!(key in all)) all[key] = make();
    return all[key];
  };
  /* The use of a line of all nodes: "sent" or "received". */
  shoal.unpackRowsOnce = (detail, way) => shoal.once(detail, way, () => shoal.unpackRows(detail[way].permille, detail.nodes.length, detail.steps));
}
