# syntax=docker/dockerfile:1
# The image of guanxi. docs/guide/operating.md describes its use. Both stages use the same Debian, and so the same libc.

FROM rust:1.95-slim-bookworm AS build
WORKDIR /guanxi
COPY . .
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/guanxi/target \
    cargo build --profile dist --locked -p guanxi \
    && install -s -D target/dist/guanxi /image/usr/bin/guanxi \
    && install -D -m 644 -t /image/usr/share/doc/guanxi LICENSE-MIT LICENSE-APACHE LICENSE-THIRD-PARTY crates/server/data/NOTICE \
    && install -d -m 700 -o 10001 -g 10001 /image/var/lib/guanxi

FROM debian:bookworm-slim
COPY --from=build /image /
# The trusted authorities of sslrootcert=system.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
ENV GUANXI_LISTEN=0.0.0.0:8080 \
    GUANXI_DATA_DIR=/var/lib/guanxi/data \
    GUANXI_KEY_FILE=/var/lib/guanxi/guanxi.keys
USER 10001:10001
WORKDIR /var/lib/guanxi
VOLUME /var/lib/guanxi
EXPOSE 8080
# The check uses the operators' listener, which is on the loopback interface unless GUANXI_OPERATOR_LISTEN changes it.
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s CMD ["guanxi", "health"]
ENTRYPOINT ["guanxi"]
CMD ["serve"]
