"""/openapi.json and /docs, with every asset from our own disk: government nets have no CDN."""

import json
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, Response

from app.domain.errors import NotFound

ASSETS = Path(__file__).with_name("docs_assets")
SERVED = {
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui-bundle.js.LICENSE.txt": "text/plain",
    "LICENSE.txt": "text/plain",
    "NOTICE.txt": "text/plain",
    "start.js": "text/javascript",
    "favicon-32x32.png": "image/png",
}
# The page's library sets inline styles and draws its icons from data: addresses; scripts stay ours.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"
)

router = APIRouter(include_in_schema=False)


@router.get("/openapi.json")
async def read_contract(request: Request) -> Response:
    """Give the description of this interface (OpenAPI 3.1)."""
    text = json.dumps(request.app.openapi(), ensure_ascii=False, separators=(",", ":"))
    return Response(text, media_type="application/json", headers={"Cache-Control": "no-cache"})


@router.get("/docs")
async def read_docs() -> Response:
    """Give the page that shows the interface."""
    return FileResponse(
        ASSETS / "index.html", media_type="text/html", headers={"Content-Security-Policy": POLICY}
    )


@router.get("/docs/{name}")
async def read_asset(name: str) -> Response:
    """Give one of the page's files; only those listed above exist."""
    if name not in SERVED:
        raise NotFound("没有这个文件。", "There is no such file.")
    return FileResponse(
        ASSETS / name, media_type=SERVED[name], headers={"Cache-Control": "max-age=86400"}
    )
