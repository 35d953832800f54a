# One image for the API, the worker and the migrations. `make image` builds, starts and measures it.
#   EXTRAS  more of pyproject's extras, by spaces: otel xlsx
#   --target demo adds the embedded PostgreSQL and plays the story: for a look, not for people's data
# Wheels lying in wheelhouse/ are taken instead of the registry's: then the build needs no network.
ARG BASE=python:3.11-slim-bookworm

FROM ${BASE} AS build
ARG EXTRAS=""
WORKDIR /build
COPY tools/image/install.sh requirements*.lock wheelhouse* /build/
RUN sh install.sh /opt/relief/venv "" ${EXTRAS}
COPY app /opt/relief/app
COPY client /opt/relief/client
COPY migrations /opt/relief/migrations
COPY alembic.ini tools/image/healthcheck.py /opt/relief/
# Compiled once, by content: the root of a running container is read-only.
RUN python3 -m compileall -q --invalidation-mode unchecked-hash \
    /opt/relief/app /opt/relief/client /opt/relief/migrations

FROM build AS build-demo
RUN sh install.sh /opt/relief/venv "" embedded

FROM ${BASE} AS ground
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="relief" \
    org.opencontainers.image.description="救助保险理赔服务 / Insurance-assisted relief claims" \
    org.opencontainers.image.version="${VERSION}" \
    org.opencontainers.image.revision="${REVISION}" \
    org.opencontainers.image.base.name="${BASE}"
# A name for the number: PostgreSQL's own programs ask for it. What installs packages goes.
RUN groupadd --gid 10001 relief \
    && useradd --uid 10001 --gid 10001 --no-log-init --no-create-home --home-dir /var/lib/relief \
        --shell /usr/sbin/nologin relief \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/relief \
    && rm -rf /usr/share/python-wheels /usr/lib/python3*/ensurepip /usr/local/lib/python3*/ensurepip \
        /usr/local/lib/python3*/site-packages/pip* /usr/local/lib/python3*/site-packages/setuptools* \
        /usr/local/lib/python3*/site-packages/wheel* /usr/local/bin/pip*
ENV PATH=/opt/relief/venv/bin:/usr/local/bin:/usr/bin:/bin \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    RELIEF_HOST=0.0.0.0 \
    RELIEF_PORT=8080 \
    RELIEF_DATA_DIR=/var/lib/relief \
    RELIEF_HEARTBEAT_FILE=/tmp/relief-worker.alive
WORKDIR /opt/relief
USER 10001:10001
VOLUME ["/var/lib/relief", "/tmp"]
EXPOSE 8080
HEALTHCHECK --interval=5s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "/opt/relief/healthcheck.py"]
ENTRYPOINT ["relief"]
CMD ["serve"]

FROM ground AS demo
COPY --from=build-demo /opt/relief /opt/relief
CMD ["demo"]

FROM ground AS relief
COPY --from=build /opt/relief /opt/relief
