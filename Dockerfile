# A sample: the program in an image, for any of its roles. docs/how-to.md has what it needs to run.
FROM python:3.12-slim

WORKDIR /program
COPY . .
RUN python -m pip install --no-cache-dir --require-hashes -r requirements/run.txt \
 && python -m pip install --no-cache-dir --no-deps --no-build-isolation . \
 && useradd --create-home --uid 1000 fascicle \
 && install --directory --owner=fascicle /house /published

# The node's own files: its note of the store and its lock. They outlive an image, so they belong on a volume.
WORKDIR /house
USER fascicle
EXPOSE 8000
ENTRYPOINT ["fascicle"]
CMD ["serve"]
