// Download a model and wait for it: node download.mjs URL MODEL [INTERVAL_S [DEADLINE_S]].
// Exit code 0 when it is there, 1 when it is not.

const ASK_AGAIN = 3; // how often one asks again, after a failure or a reply that names no job

const STRANGE = 5; // how many replies of 200 in a row may be something else than a job

const [base, model, interval = "1", deadline = "3600"] = process.argv.slice(2);
const url = `${base}/api/v1/models/download`;
const ends = performance.now() + deadline * 1000;

async function wait(intervals) {
  await new Promise((resolve) => setTimeout(resolve, interval * intervals * 1000));
  if (performance.now() > ends) throw new Error("no end in sight");
}

// The job; asks again while the server is away, busy, or does not answer with one.
async function call(url, options = {}) {
  for (let strange = 0; ; ) {
    let reply, text, answer;
    try {
      reply = await fetch(url, { ...options, signal: AbortSignal.timeout(10_000) });
      text = await reply.text();
      answer = JSON.parse(text);
    } catch {
      answer = undefined; // no reply, half of one, or no JSON
    }
    if (answer?.status !== undefined) return answer; // an error can come with 200, too
    if (reply?.status >= 400 && reply.status < 500 && reply.status !== 429) {
      throw new Error(`HTTP ${reply.status}: ${text?.slice(0, 200)}`);
    }
    if (reply?.status === 200 && ++strange === STRANGE) {
      throw new Error(`this is no server that downloads: ${text?.slice(0, 200)}`);
    }
    await wait(1);
  }
}

async function download(model) {
  let why;
  for (let tries = 0; tries <= ASK_AGAIN; tries++) {
    await wait(tries);
    const headers = { "Content-Type": "application/json" };
    let job = await call(url, { method: "POST", headers, body: JSON.stringify({ model }) });
    if (job.status === "already_downloaded") return "already downloaded";
    const id = job.job_id;
    if (!id) {
      why = "the reply names no job";
      continue;
    }
    while (!["completed", "failed"].includes(job.status)) { // a paused job may go on
      await wait(1);
      job = await call(`${url}/status/${encodeURIComponent(id)}`);
    }
    if (job.status === "completed") return `completed: ${id}`;
    why = `${id} has failed`;
  }
  throw new Error(`${why}, asked for ${1 + ASK_AGAIN} times`);
}

try {
  console.log(await download(model));
} catch (error) {
  console.error(`failed: ${error.message}`);
  process.exitCode = 1;
}
