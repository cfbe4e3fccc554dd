// Asks iam-simulate, for a list of requests on standard input, whether the policies of a role allow them. One line of JSON each.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { runSimulation } = createRequire(process.argv[2] + "/")("@cloud-copilot/iam-simulate");

// A key belongs to its own policy first; this is the one that leaves the decision to IAM.
const keyPolicy = {
  Version: "2012-10-17",
  Statement: [
    { Effect: "Allow", Principal: { AWS: "arn:aws:iam::111122223333:root" }, Action: "kms:*", Resource: "*" },
  ],
};

for (const { role, policies, action, resource, context } of JSON.parse(readFileSync(0, "utf8"))) {
  const simulation = {
    request: {
      principal: "arn:aws:iam::111122223333:role/asked",
      action,
      resource: { resource, accountId: "111122223333" },
      contextVariables: context,
    },
    identityPolicies: policies.map((policy, at) => ({ name: `${role}-${at}`, policy })),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    resourcePolicy: action.startsWith("kms:") ? keyPolicy : undefined,
  };
  const result = await runSimulation(simulation, {});
  const verdict = result.resultType === "error" ? `error: ${JSON.stringify(result.errors)}` : result.overallResult;
  console.log(JSON.stringify(verdict));
}
