#!/usr/bin/env node
// Sends one command to Updraft and prints its result.
//
//     npm install amqplib
//     node client.js ping
//     node client.js list '{"filter": {"tag:Role": ["execute"]}}'
//
// The broker is that of UPDRAFT_AMQP_URL, the prefix of names that of UPDRAFT_AMQP_PREFIX.
// Ends with 0 when the command succeeded, 1 when it did not, 2 when no answer came.
'use strict';

const { randomUUID } = require('node:crypto');
const amqp = require('amqplib');

const url = process.env.UPDRAFT_AMQP_URL || 'amqp://guest:guest@127.0.0.1:5672/';
const prefix = process.env.UPDRAFT_AMQP_PREFIX || 'updraft';

/** Publishes a command and waits for its result; null when none came in time. */
async function send(command, timeout) {
  const connection = await amqp.connect(url);
  try {
    const channel = await connection.createConfirmChannel();
    const result = new Promise((resolve, reject) => {
      const timer = setTimeout(resolve, timeout, null);
      channel.on('error', reject);
      // A mandatory message that reaches no queue comes back.
      channel.on('return', () => reject(new Error(`nothing takes commands from ${prefix}.commands`)));
      // Direct reply-to: answers come on this channel, without a queue of our own. It must be consumed before the
      // command is published, and without acknowledgements.
      channel.consume('amq.rabbitmq.reply-to', (message) => {
        if (!message || message.properties.correlationId !== command.id) return;
        const body = JSON.parse(message.content.toString('utf8'));
        if (message.properties.type === 'updraft.progress.v1') {
          console.error(`${body.text} (${body.done}/${body.total})`);
        } else {
          clearTimeout(timer);
          resolve(body);
        }
      }, { noAck: true }).catch(reject);
    });
    channel.publish(`${prefix}.commands`, command.command, Buffer.from(JSON.stringify(command)), {
      type: 'updraft.command.v1',
      contentType: 'application/json',
      persistent: true,
      mandatory: true,
      messageId: command.id,
      timestamp: Math.floor(Date.now() / 1000),
      correlationId: command.id,
      replyTo: 'amq.rabbitmq.reply-to',
    });
    // The broker has the command safely in a queue once this returns; the result may come first.
    const [answer] = await Promise.all([result, channel.waitForConfirms()]);
    return answer;
  } finally {
    await connection.close();
  }
}

async function main() {
  const [name, argumentsText] = process.argv.slice(2);
  if (!name) {
    console.error('usage: node client.js COMMAND [ARGUMENTS-AS-JSON]');
    return 64;
  }
  // An id of our own makes it safe to send the same command again.
  const command = { command: name, id: randomUUID() };
  if (argumentsText) command.arguments = JSON.parse(argumentsText);
  const result = await send(command, 660_000);
  if (!result) {
    console.error('No answer in time; the command may still be carried out.');
    return 2;
  }
  console.log(result.text);
  return result.status === 'succeeded' ? 0 : 1;
}

main().then((code) => { process.exitCode = code; }, (error) => {
  console.error(error.message);
  process.exitCode = 1;
});
