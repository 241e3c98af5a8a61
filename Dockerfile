# The service in a container: docker build -t provenance . && docker run -p 127.0.0.1:8000:8000 provenance
# and the command line: docker run -i provenance clean < articles.jsonl
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
RUN pip install --no-deps --no-index --no-build-isolation .

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin provenance
COPY --from=build /opt/provenance /opt/provenance
# Compiled kernels are kept where the service may write.
ENV PATH=/opt/provenance/bin:$PATH PYTHONUNBUFFERED=1 NUMBA_CACHE_DIR=/tmp/kernels
WORKDIR /data
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
# Who reaches the port is decided by how it is published: on the loopback above.
ENTRYPOINT ["provenance"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000", "--allow-remote"]
