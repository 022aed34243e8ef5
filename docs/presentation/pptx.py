"""Looks of slides.pptx.

    pptx.py reference FILE   writes a reference document for pandoc: its own one, with shoal's colours and sizes
    pptx.py finish FILE      sets the type of tables smaller, which pandoc leaves at 18 points
"""
import re
import subprocess
import sys
import zipfile

COLOURS = {"dk2": "0B3C5D", "accent1": "0072B2", "accent2": "D55E00", "accent3": "009E73", "accent4": "CC79A7",
           "accent5": "56B4E9", "accent6": "E69F00", "hlink": "0072B2"}
TABLE_POINTS = {7: 15, 10: 14, 13: 12, 99: 9}  # by rows, at most


def rewrite(path, change):
    """Puts every part of the document through change(name, text)."""
    with zipfile.ZipFile(path) as archive:
        parts = [(info, archive.read(info)) for info in archive.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, data in parts:
            if info.filename.endswith(".xml"):
                data = change(info.filename, data.decode("utf-8")).encode("utf-8")
            archive.writestr(info, data)


def substitute(pattern, replacement, text):
    """As re.sub, but it must be found: another pandoc's reference document may be other."""
    changed, count = re.subn(pattern, replacement, text, flags=re.S)
    if count == 0:
        sys.exit(f"pptx.py: this pandoc's reference document has no {pattern}")
    return changed


def theme(text):
    for name, colour in COLOURS.items():
        text = substitute(rf'(<a:{name}><a:srgbClr val=")[0-9A-F]+', rf"\g<1>{colour}", text)
    return substitute(r'(<a:(?:major|minor)Font><a:latin typeface=")[^"]*', r"\g<1>Arial", text)


def master(text):
    # Titles: left, blue, 24 points; higher up, and the text below begins higher as well.
    text = substitute(r'(<p:titleStyle><a:lvl1pPr algn=")ctr(.*?<a:defRPr sz=")\d+(" kern="1200")(><a:solidFill><a:schemeClr val=")tx1',
                      r"\g<1>l\g<2>2400\g<3> b=\"1\"\g<4>accent1".replace('\\"', '"'), text)
    text = substitute(r'<a:off x="457200" y="205979"/><a:ext cx="8229600" cy="857250"/>',
                      '<a:off x="457200" y="205979"/><a:ext cx="8229600" cy="640000"/>', text)
    text = substitute(r'<a:off x="457200" y="1200151"/><a:ext cx="8229600" cy="3394472"/>',
                      '<a:off x="457200" y="960000"/><a:ext cx="8229600" cy="3700000"/>', text)
    sizes = iter([1900, 1600, 1400, 1300, 1300])
    head, body, rest = re.split(r"(<p:bodyStyle>.*?</p:bodyStyle>)", text, maxsplit=1, flags=re.S)
    body = re.sub(r'sz="\d+"', lambda found: f'sz="{next(sizes, 1200)}"', body)
    return head + body.replace('<a:spcPct val="20000"/>', '<a:spcPct val="45000"/>') + rest


def move(text, old, new):
    """Moves a placeholder: both are (x, y, width, height) in EMU."""
    shape = '<a:off x="{}" y="{}"/><a:ext cx="{}" cy="{}"/>'
    return substitute(re.escape(shape.format(*old)), shape.format(*new), text)


def dark(text):
    """Blue ground and white letters, for slides that have but a title."""
    text = substitute(r"(<p:cSld[^>]*>)", r'\g<1><p:bg><p:bgPr><a:solidFill><a:srgbClr val="0B3C5D"/></a:solidFill>'
                      r"<a:effectLst/></p:bgPr></p:bg>", text)
    white = '<a:solidFill><a:schemeClr val="bg1"/></a:solidFill>'
    return re.sub(r'<a:solidFill><a:schemeClr val="tx1"><a:tint val="75000"/></a:schemeClr></a:solidFill>', white, text), white


def title_slide(text):
    text, white = dark(text)
    text = move(text, (685800, 1597819, 7772400, 1102519), (685800, 1350000, 7772400, 900000))
    text = move(text, (1371600, 2914650, 6400800, 1314450), (685800, 2300000, 7772400, 1500000))
    text = text.replace('algn="ctr"', 'algn="l"')
    return substitute(r'(type="ctrTitle"/>.*?)<a:lstStyle/>',
                      rf'\g<1><a:lstStyle><a:lvl1pPr><a:defRPr sz="5400" b="1">{white}</a:defRPr></a:lvl1pPr></a:lstStyle>', text)


def section(text):
    text, white = dark(text)
    text = move(text, (722313, 3305176, 7772400, 1021556), (685800, 2000000, 7772400, 1000000))
    return substitute(r'<a:defRPr sz="3000" b="1" cap="all"/>', f'<a:defRPr sz="4000" b="1">{white}</a:defRPr>', text)


def smaller(text):
    """The sizes of text in a layout with two columns."""
    sizes = {"2100": "1600", "1800": "1400", "1500": "1300", "1350": "1200"}
    return re.sub(r'sz="(2100|1800|1500|1350)"', lambda found: f'sz="{sizes[found[1]]}"', text)


def two_content(text):
    text = move(text, (457200, 1200151, 4038600, 3394472), (457200, 960000, 3500000, 3700000))
    return smaller(move(text, (4648200, 1200151, 4038600, 3394472), (4080000, 960000, 4606800, 3700000)))


def comparison(text):
    for x, width in ((457200, 4040188), (4645026, 4041775)):
        text = move(text, (x, 1151335, width, 479822), (x, 960000, width, 400000))
        text = move(text, (x, 1631156, width, 2963466), (x, 1400000, width, 3200000))
    return smaller(text).replace('marL="0" indent="0"><a:buNone/>', 'marL="0" indent="0" algn="ctr"><a:buNone/>')


PARTS = {"ppt/theme/theme1.xml": theme, "ppt/slideMasters/slideMaster1.xml": master,
         "ppt/slideLayouts/slideLayout1.xml": title_slide, "ppt/slideLayouts/slideLayout3.xml": section,
         "ppt/slideLayouts/slideLayout4.xml": two_content, "ppt/slideLayouts/slideLayout5.xml": comparison}


def reference(name, text):
    return PARTS.get(name, lambda same: same)(text)


def widths(rows):
    """Of columns, in shares: by the longest text of each, but none too narrow."""
    cells = [["".join(re.findall(r"<a:t>(.*?)</a:t>", cell)) for cell in re.findall(r"<a:tc>.*?</a:tc>", row, re.S)]
             for row in rows]
    longest = [max(6, *(len(text) for text in column)) + 2 for column in zip(*cells)]
    return [length / sum(longest) for length in longest]


def table(found):
    text = found[0]
    rows = re.findall(r"<a:tr .*?</a:tr>", text, re.S)
    points = next(points for most, points in TABLE_POINTS.items() if len(rows) <= most)
    whole = sum(int(width) for width in re.findall(r'<a:gridCol w="(\d+)"', text))
    shares = iter(widths(rows))
    text = re.sub(r'<a:gridCol w="\d+"', lambda _: f'<a:gridCol w="{int(whole * next(shares))}"', text)
    text = re.sub(r"<a:rPr(?=[ />])", f'<a:rPr sz="{points * 100}"', text)
    text = re.sub(r"<a:tcPr\b", '<a:tcPr marT="20000" marB="20000"', text)
    return re.sub(r'(<a:tr h=")\d+', rf"\g<1>{points * 18000}", text)


def finish(name, text):
    if not re.fullmatch(r"ppt/slides/slide\d+\.xml", name):
        return text
    return re.sub(r"<a:tbl>.*?</a:tbl>", table, text, flags=re.S)


def main():
    what, path = sys.argv[1:]
    if what == "reference":
        with open(path, "wb") as out:
            subprocess.run(["pandoc", "--print-default-data-file", "reference.pptx"], stdout=out, check=True)
    rewrite(path, {"reference": reference, "finish": finish}[what])


if __name__ == "__main__":
    main()
