// Signs and verifies for `tests/node/webhooks.py`: one JSON question a line in, one answer a line out.
import { createInterface } from "node:readline";
import { Webhook as Standard } from "standardwebhooks";
import { Webhook as Svix } from "svix";

const libraries = { standardwebhooks: Standard, svix: Svix };

function answer(asked) {
  const webhook = new libraries[asked.party](asked.secret);
  if (asked.act === "sign") {
    return { signature: webhook.sign(asked.id, new Date(asked.at * 1000), asked.body) };
  }
  try {
    webhook.verify(asked.body, asked.headers);
    return { verified: true };
  } catch (error) {
    return { verified: false, error: error.constructor.name };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(JSON.stringify(answer(JSON.parse(line))) + "\n");
}
