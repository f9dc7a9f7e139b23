# One image for web, worker and migrate: the command says which. Built from the locked hashes, run by a user without rights.
FROM python:3.12-slim

WORKDIR /srv/orasync
RUN useradd --system --home-dir /srv/orasync --shell /usr/sbin/nologin orasync \
    && mkdir var && chown orasync var

COPY requirements-build.txt requirements.txt ./
RUN pip install --no-cache-dir --require-hashes -r requirements-build.txt \
    && uv pip sync --system --require-hashes --no-cache requirements.txt

COPY . .
RUN uv pip install --system --no-deps --no-build-isolation --no-cache -e . \
    && python -m compileall -q app workers

USER orasync
VOLUME /srv/orasync/var
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["orasync"]
CMD ["web", "--host", "0.0.0.0"]
