"""QR codes, as SVG that is drawn on the server: no script and no other server is needed."""

import io

import segno


def svg_of(text: str) -> bytes:
    """Dark on white with the margin that readers need, also where the page around it is dark; scales to any size."""
    code = segno.make(text, error="m", micro=False)
    out = io.BytesIO()
    code.save(out, kind="svg", border=4, dark="#000", light="#fff", omitsize=True, svgclass=None, lineclass=None)
    return out.getvalue()
