/**
 * `node:http`, taken without an `import`: that reads every one of its exports, and the one for WebSockets loads a second HTTP
 * library, 50 ms at each start (npm run start-bench).
 */
export const { createServer, request } = process.getBuiltinModule("node:http");
