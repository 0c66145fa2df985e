"""Files that people open: no cell of them is ever calculated, whatever a client is called."""

import csv
from collections.abc import Mapping, Sequence
from io import BytesIO, StringIO
from typing import Any
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What makes a spreadsheet calculate a cell (OWASP, CSV injection)."""

_CONTENT_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" ContentType='
    '"application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>'
)
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TO = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def inert(cell: str) -> str:
    """Keep a spreadsheet from calculating what stands in a cell."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def csv_of(rows: Sequence[Sequence[str]]) -> bytes:
    """Write a table that spreadsheets open as text and numbers."""
    out = StringIO(newline="")
    csv.writer(out, delimiter=";").writerows([[inert(each) for each in row] for row in rows])
    return out.getvalue().encode("utf-8-sig")


def xlsx_of(rows: Sequence[Sequence[str]]) -> bytes:
    """Write a workbook of one sheet in which every cell is text, so that none is calculated."""
    lines = "".join("<row>" + "".join(_cell(each) for each in row) + "</row>" for row in rows)
    parts = {
        "[Content_Types].xml": _CONTENT_TYPES,
        "_rels/.rels": f'{_TO}<Relationship Id="rId1" Type="{_RELATIONS}/officeDocument" '
        'Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
        '<sheet name="Clients" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{_TO}<Relationship Id="rId1" '
        f'Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_MAIN}"><sheetData>{lines}</sheetData>'
        "</worksheet>",
    }
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as book:
        for name, content in parts.items():
            book.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{content}')
    return out.getvalue()


def readable(values: Mapping[str, Any]) -> str:
    """Write all that is stored of a client as lines that a person can read."""
    lines = [f"As of {values['as_of']}"]
    for table, rows in values["stored"].items():
        lines += ["", table.replace("_", " ").capitalize()]
        for row in rows:
            facts = (f"{name}: {value}" for name, value in row.items() if value not in (None, ""))
            lines.append("- " + "; ".join(facts))
    lines += ["", "Who saw or changed it"]
    lines += [
        f"- {each['at']}: {each['who']}, {each['kind']} {each['what']}"
        for each in values["journal"]
    ]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    if not text:
        return "<c/>"
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'
