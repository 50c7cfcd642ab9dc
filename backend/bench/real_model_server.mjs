// An OpenAI-compatible server for one local model, on loopback: node real_model_server.mjs MODEL.gguf
// Prints its port. Choosing among 262,000 tokens by a grammar takes seconds a token, so each text of the
// shape that is asked for is written freely, and the shape is put around them.
import {createServer} from "node:http";
import {getLlama, LlamaChatSession} from "node-llama-cpp";

const CONTEXT_TOKENS = 6144;
// A model so small does not end by itself.
const TOKENS_OF_A_TEXT = 60;
const MAX_ITEMS = 3;
const llama = await getLlama({gpu: false, build: "never", logLevel: "error"});
const model = await llama.loadModel({modelPath: process.argv[2]});
const context = await model.createContext({contextSize: CONTEXT_TOKENS, threads: 2});
const sequence = context.getSequence();
let turn = Promise.resolve();

async function written(request, name) {
    const said = request.messages.filter((one) => one.role !== "system").map((one) => one.content).join("\n");
    const told = request.messages.find((one) => one.role === "system")?.content ?? "";
    const session = new LlamaChatSession({contextSequence: sequence, systemPrompt: told});
    return await session.prompt(`${said}\n\n${name}:`, {maxTokens: TOKENS_OF_A_TEXT, temperature: 0.7});
}

async function filled(request, schema, definitions, name) {
    if (schema.$ref) return filled(request, definitions[schema.$ref.split("/").pop()], definitions, name);
    if (schema.type === "object") {
        const made = {};
        for (const [key, value] of Object.entries(schema.properties))
            made[key] = await filled(request, value, definitions, key);
        return made;
    }
    if (schema.type === "array") {
        const items = schema.items ?? {};
        const ids = [...JSON.stringify(request.messages).matchAll(/\bid=\\?"([\w-]+)\\?"/g)].map((one) => one[1]);
        if (items.type === "integer") return ids.slice(0, 2).map(Number);
        if (items.enum) return items.enum.slice(0, 1);
        if (items.$ref) return [await filled(request, items, definitions, name)];
        const lines = (await written(request, name)).split("\n").map((one) => one.trim());
        return lines.filter((one) => one).slice(0, MAX_ITEMS);
    }
    return written(request, name);
}

async function answer(request) {
    const before = sequence.tokenMeter.getState();
    const schema = request.response_format?.json_schema?.schema;
    const content = schema
        ? JSON.stringify(await filled(request, schema, schema.$defs ?? {}, "answer"))
        : await written(request, "answer");
    const used = sequence.tokenMeter.diff(before);
    return {
        id: "local", object: "chat.completion", created: 0, model: request.model,
        choices: [{index: 0, message: {role: "assistant", content, refusal: null}, finish_reason: "stop"}],
        usage: {
            prompt_tokens: used.usedInputTokens,
            completion_tokens: used.usedOutputTokens,
            total_tokens: used.usedInputTokens + used.usedOutputTokens,
        },
    };
}

const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => { body += chunk; });
    request.on("end", () => {
        turn = turn.then(async () => {
            let status = 200;
            const made = await answer(JSON.parse(body)).catch((error) => {
                status = 500;
                return {error: {message: String(error?.message ?? error)}};
            });
            response.writeHead(status, {"Content-Type": "application/json"});
            response.end(JSON.stringify(made));
        });
    });
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
