"""The limit of a poll: the same answer out of a bare FastAPI route, no house around it."""

import sys

import uvicorn
from fastapi import FastAPI

from app.api.claim_views import ClaimView


def answering(claim: ClaimView) -> FastAPI:
    """An application whose one route answers this claim: no key, no database, no log."""
    bare = FastAPI(openapi_url=None)

    @bare.get("/v1/claims/{claim_no}")
    async def read_claim(claim_no: str) -> ClaimView:  # noqa: ARG001 - read as every route reads it
        return claim

    return bare


if __name__ == "__main__":
    shown = ClaimView.model_validate_json(sys.stdin.buffer.read())
    uvicorn.run(answering(shown), port=int(sys.argv[1]), log_config=None, access_log=False)
