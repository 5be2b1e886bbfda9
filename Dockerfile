# One image with the command and the dashboard. Built from a checkout:
#   docker build -t airmeet .
#   docker run --rm airmeet demo
#   docker run --rm -v airmeet:/data --env-file airmeet.env airmeet load
FROM python:3.12-slim-bookworm AS build
WORKDIR /src
COPY . .
RUN python -m venv /opt/airmeet \
  && /opt/airmeet/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements-dashboard.lock \
  && /opt/airmeet/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.12-slim-bookworm
RUN useradd --create-home --uid 10001 airmeet && install -d -o airmeet /data
COPY --from=build /opt/airmeet /opt/airmeet
# All that a run keeps is in /data: the warehouse, the published reports, dlt's working folder.
ENV PATH=/opt/airmeet/bin:$PATH \
  DLT_DATA_DIR=/data/.dlt-data
# By number: a host that runs no unknown users can tell that it is not root.
USER 10001
WORKDIR /data
VOLUME /data
ENTRYPOINT ["airmeet"]
CMD ["load"]
