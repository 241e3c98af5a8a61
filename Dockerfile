# The service in a container; compose.yaml runs it with a worker and Redis.
#   docker build -t provenance .
#   docker run --rm -v provenance:/data provenance keys add newsroom
#   docker run -p 127.0.0.1:8000:8000 -v provenance:/data provenance
# and the command line: docker run --rm -i provenance clean < articles.jsonl
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/provenance
ENV PATH=/opt/provenance/bin:$PATH
WORKDIR /src
COPY requirements.txt ./
RUN pip install --require-hashes --only-binary :all: --requirement requirements.txt
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY provenance ./provenance
COPY service ./service
# What a start would compile is compiled here, from the installed files: their paths and contents are what finds it.
RUN pip install --no-deps --no-index --no-build-isolation . \
    && NUMBA_CACHE_DIR=/opt/provenance/kernels python -I -c "from service.web import warm; warm()"

FROM python:3.13-slim
RUN useradd --no-log-init --uid 10001 --no-create-home --shell /usr/sbin/nologin provenance \
    && install --directory --owner=10001 --mode=700 /data
COPY --from=build /opt/provenance /opt/provenance
# Kernels are looked for where they may be written too: on a processor of another kind they are compiled anew.
# All else but /data may be read-only.
ENV PATH=/opt/provenance/bin:$PATH PYTHONUNBUFFERED=1 NUMBA_CACHE_DIR=/tmp/kernels PROVENANCE_DATA=/data
WORKDIR /data
VOLUME /data
USER 10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
ENTRYPOINT ["/bin/sh", "-c", "cp -R /opt/provenance/kernels /tmp; exec provenance \"$@\"", "provenance"]
# It listens to other machines only once there is a key (`provenance keys add`), and says so where there is none.
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
