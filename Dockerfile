# The wheel, built with the locked tools in a stage that is thrown away.
FROM python:3.12-slim AS build
WORKDIR /source
COPY requirements-dev.txt .
RUN pip install --no-cache-dir --only-binary :all: --require-hashes -r requirements-dev.txt
COPY pyproject.toml README.md LICENSE ./
COPY api api
COPY graph graph
COPY jobs jobs
RUN python -m hatchling build -t wheel -d /wheels

FROM python:3.12-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MUHATAP_HOME=/var/lib/muhatap
COPY requirements.txt /tmp/
RUN pip install --no-cache-dir --only-binary :all: --require-hashes -r /tmp/requirements.txt && rm /tmp/requirements.txt
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels pip install --no-cache-dir --no-deps /wheels/muhatap-*.whl
RUN useradd --system --uid 10001 --home-dir /var/lib/muhatap --create-home muhatap
USER muhatap
VOLUME /var/lib/muhatap
EXPOSE 8000
CMD ["muhatap", "serve", "--host", "0.0.0.0", "--port", "8000"]
