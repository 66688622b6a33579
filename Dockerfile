# Build: dependencies alone, so that a change of code does not fetch them again.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev

# Run: Node runs the TypeScript as it is; nothing is compiled.
FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 PQL_DATA_DIR=/data
WORKDIR /app
RUN mkdir /data && chown node:node /data
COPY --from=dependencies /app/node_modules node_modules
COPY package.json ./
COPY src src
COPY mappings mappings
USER node
VOLUME /data
EXPOSE 8080
# A worker and a scheduler serve nothing: of them it tells that they run.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD ["node", "src/cli/probe.ts"]
CMD ["node", "src/cli/pql.ts", "start"]
