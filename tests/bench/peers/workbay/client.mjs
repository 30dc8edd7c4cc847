// Workbay over its plain protocol (docs/protocol.md, W): one POST pushes and pulls, a stream of pokes says when to pull.
//
// Not the app's own replica but the bare protocol, as of a phone whose store is a Map: cursors, numbers, bases and vectors
// are kept as the rules want them, so that conflicts are judged as on any phone. Acknowledged means committed to PostgreSQL
// with fsync. Variant `zstd` asks for compressed answers, as browsers do.
//
// W4 wants "push one change, then pull all": in this protocol that is one request, whose answer is as of after the push.
// So there the answer to the edit is the pull, unless it says that there is more. Everywhere else pulls ask by themselves.
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { env, run, sleep } from './workloads.mjs';

const COLLECTION = 'peer_order';
const AT_ONCE = 400;
const url = new URL(env.URL);
// How many clients a workload opens.
const DEVICES = { W1: 1, W2: 2, W3: 2, W4: 21, W5: 2, W6: 13, W7: 9, D1: 2, D2: 1 };
const people = JSON.parse(env.PEOPLE).slice(0, DEVICES[env.WORKLOAD]);
const compressed = env.VARIANT === 'zstd' ? { 'accept-encoding': 'zstd' } : {};

const place = (agent, method, path, headers) => ({
  agent, method, path, host: url.hostname, port: url.port, headers: { host: env.HOST, ...headers },
});

function ask(agent, path, body, headers = {}) {
  const text = Buffer.from(JSON.stringify(body));
  const said = { 'content-type': 'application/json', 'content-length': text.length, ...compressed, ...headers };
  return new Promise((resolve, reject) => {
    const request = http.request(place(agent, 'POST', path, said), (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => resolve({ answer, raw: Buffer.concat(parts) }));
    });
    request.on('error', reject);
    request.end(text);
  }).then(async ({ answer, raw }) => {
    const plain = answer.headers['content-encoding'] === 'zstd' ? await promisify(zlib.zstdDecompress)(raw) : raw;
    if (answer.statusCode > 201) throw new Error(`${path} ${answer.statusCode} ${plain.toString().slice(0, 300)}`);
    return JSON.parse(plain);
  });
}

// Who signs in does so before anything is timed, as on a phone that is in use: to hash a password takes a tenth of a second.
const agents = people.map(() => new http.Agent({ keepAlive: true, noDelay: true }));
const signedIn = [];
for (const [i, link] of people.entries()) {
  const credentials = { kind: 'staff', link, password: 'a password for peers', device: { name: 'peers' }, token: true };
  signedIn.push(await ask(agents[i], '/api/session', credentials));
}

function open() {
  const agent = agents.shift();
  const { token, replica, epoch } = signedIn.shift();
  const headers = { authorization: `Bearer ${token}` };
  const have = new Map(), vectors = new Map(), conflicts = new Map();
  let n = 0, cursor = null, answered = false, stream, heard;

  function take(record) {
    const { collection, id } = record;
    if (collection === 'conflict') {
      if (record.gone) conflicts.delete(id);
      else conflicts.set(id, record.data);
    } else if (collection === COLLECTION) {
      vectors.set(id, record.vv);
      have.set(id, { id, ...record.data });
      if (heard) heard(have.get(id));
    }
  }

  async function sync(changesets = []) {
    const sent = Date.now();
    const confirmed = n;
    const numbered = changesets.map((ops) => ({ n: (n += 1), id: randomUUID(), schema: 1, at: sent, ops }));
    const body = { protocol: 1, schema: 1, epoch, replica, confirmed, sent, cursor, limit: 1000, changesets: numbered };
    const page = await ask(agent, '/api/sync', body, headers);
    cursor = page.cursor;
    page.records.forEach(take);
    return page;
  }

  async function send(changesets) {
    let refused = 0, more = false;
    for (let i = 0; i < changesets.length; i += AT_ONCE) {
      const page = await sync(changesets.slice(i, i + AT_ONCE));
      refused += page.results.filter((result) => result.outcome !== 'accepted').length;
      more = page.more;
    }
    answered = !more;
    return { refused };
  }

  const patch = (id, set) => ({ op: 'patch', collection: COLLECTION, id, base: vectors.get(id), set });
  const create = (id, set) => ({ op: 'create', collection: COLLECTION, id, set });

  async function pull() {
    let got = 0, more = true;
    while (more) {
      const page = await sync();
      got += page.records.length;
      more = page.more;
    }
    return got;
  }

  return {
    async push(records) {
      const { refused } = await send(
        records.map(({ id, ...set }) => [vectors.has(id) ? patch(id, set) : create(id, set)]),
      );
      if (refused) throw new Error(`${refused} records were refused`);
    },
    edit: (edits) => send(edits.map(({ id, patch: set }) => [patch(id, set)])),
    async pull() {
      if (env.WORKLOAD === 'W4' && answered) {
        answered = false;
        return 0;
      }
      return pull();
    },
    get: (id) => have.get(id),
    hidden: (id) =>
      [...conflicts.values()]
        .filter((conflict) => conflict.record === id && conflict.open)
        .flatMap((conflict) => conflict.sides.filter((side) => !side.stands).map((side) => side.value)),
    async live(callback) {
      let busy = false, again = false;
      const poked = async () => {
        again = true;
        if (busy) return;
        busy = true;
        while (again) {
          again = false;
          await pull();
        }
        busy = false;
      };
      heard = callback;
      stream = http.get(place(agent, 'GET', '/api/sync/live', headers), (answer) => {
        answer.on('data', (data) => String(data).includes('event: poke') && poked());
        answer.on('error', () => {});
      });
      stream.on('error', () => {});
      await sleep(200);
    },
    close() {
      stream?.destroy();
      agent.destroy();
    },
  };
}

await run({ open: async () => open() });
