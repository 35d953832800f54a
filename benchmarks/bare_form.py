"""The limit of an estimate: the same form read and checked by a bare FastAPI route, no more."""

import sys

import uvicorn
from fastapi import FastAPI
from starlette.responses import Response

from app.api.estimates import EstimateForm

bare = FastAPI(openapi_url=None)


@bare.post("/v1/estimates")
async def check(form: EstimateForm) -> Response:  # noqa: ARG001 - reading it is all
    """Answer nothing: the form is well filled."""
    return Response(b"{}", media_type="application/json")


if __name__ == "__main__":
    uvicorn.run(bare, port=int(sys.argv[1]), log_config=None, access_log=False)
