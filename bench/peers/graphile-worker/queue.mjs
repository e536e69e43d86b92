// graphile-worker, as the peer of Waybill's jobs on the same PostgreSQL (PGHOST, PGPORT, PGUSER, PGDATABASE say which):
//   queue.mjs work JOBS CONCURRENCY    takes and ends so many empty jobs; prints seconds, from the first that is taken
//   queue.mjs add SECONDS CONCURRENCY  adds jobs, one a transaction; prints how many a second
import { createRequire } from "node:module";

const require = createRequire(`${process.env.PEER_FOLDER}/package.json`);
const { Logger, makeWorkerUtils, run } = require("graphile-worker");
const { Pool } = require("pg");

const [what, amount, concurrency] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const pgPool = new Pool({ max: concurrency + 2 });
const logger = new Logger(() => () => {});
const seconds = () => performance.now() / 1000;

async function work() {
  const utils = await makeWorkerUtils({ pgPool, logger });
  await utils.migrate();
  await pgPool.query("SELECT graphile_worker.add_job('empty') FROM generate_series(1, $1)", [amount]);
  await pgPool.query("VACUUM ANALYZE");
  let first = 0;
  const runner = await run({ pgPool, logger, concurrency, noHandleSignals: true, taskList: {
    empty: () => { first ||= seconds(); },
  } });
  let done = 0;
  await new Promise((resolve) => runner.events.on("job:complete", () => { if (++done === amount) resolve(); }));
  const took = seconds() - first;
  await runner.stop();
  return took;
}

async function add() {
  const utils = await makeWorkerUtils({ pgPool, logger });
  await utils.migrate();
  const start = seconds();
  let added = 0;
  await Promise.all(Array.from({ length: concurrency }, async () => {
    for (; seconds() < start + amount; ++added) {
      await utils.addJob("empty", { path: "file:///srv/packages/package.zip", operation: "import" });
    }
  }));
  const took = seconds() - start;
  await utils.release();
  return added / took;
}

console.log(await (what === "work" ? work() : add()));
process.exit(0);
