extension SchemaDocument {
    /// The AsyncAPI 3.0 description: channels, operations and their replies.
    public static var asyncAPI: SchemaDocument {
        let operations = CommandName.allCases.map { name in
            """
              \(name.rawValue):
                action: receive
                title: \(name.rawValue)
                summary: \(name.summary)
                channel:
                  $ref: '#/channels/commands'
                messages:
                  - $ref: '#/channels/commands/messages/\(name.rawValue)'
                reply:
                  address:
                    description: The AMQP property reply_to; any queue except Updraft's own names.
                    location: $message.header#/replyTo
                  channel:
                    $ref: '#/channels/replies'
                  messages:
                    - $ref: '#/channels/replies/messages/result'
                    - $ref: '#/channels/replies/messages/progress'
            """
        }
        let messages = CommandName.allCases.map { name in
            """
                \(name.rawValue):
                  name: \(name.rawValue)
                  title: \(name.summary)
                  contentType: application/json
                  headers:
                    $ref: '#/components/schemas/commandProperties'
                  correlationId:
                    $ref: '#/components/correlationIds/command'
                  payload:
                    schemaFormat: application/schema+json;version=draft-2020-12
                    schema:
                      $ref: './command.json#/$defs/\(name.rawValue)'
            """
        }
        let references = CommandName.allCases.map { name in
            """
                  \(name.rawValue):
                    $ref: '#/components/messages/\(name.rawValue)'
            """
        }
        let names = CommandName.allCases.map { "          - \($0.rawValue)\n          - bulk.\($0.rawValue)" }
        return SchemaDocument(
            name: "asyncapi.yaml",
            text: """
                asyncapi: 3.0.0
                info:
                  title: Updraft
                  version: 1.0.0
                  description: >-
                    Commands in from RabbitMQ, actions on EC2, results back. The view is the worker's: it receives
                    commands and sends replies.
                  license:
                    name: Apache-2.0
                defaultContentType: application/json
                servers:
                  broker:
                    host: 127.0.0.1:5672
                    protocol: amqp
                    protocolVersion: 0.9.1
                channels:
                  commands:
                    address: '{routingKey}'
                    title: The front door
                    description: >-
                      A topic exchange; bulk.<command> takes the lane of batches. The prefix updraft is configurable.
                    parameters:
                      routingKey:
                        description: The command's name, or bulk. and the command's name.
                        enum:
                \(names.joined(separator: "\n"))
                    messages:
                \(references.joined(separator: "\n"))
                    bindings:
                      amqp:
                        is: routingKey
                        exchange:
                          name: updraft.commands
                          type: topic
                          durable: true
                          autoDelete: false
                        bindingVersion: 0.3.0
                  replies:
                    address: null
                    title: The sender's reply queue
                    messages:
                      result:
                        $ref: '#/components/messages/result'
                      progress:
                        $ref: '#/components/messages/progress'
                operations:
                \(operations.joined(separator: "\n"))
                components:
                  correlationIds:
                    command:
                      description: The request's correlation_id, else its message_id, else the id in the body.
                      location: $message.header#/correlationId
                  schemas:
                    commandProperties:
                      type: object
                      description: AMQP properties.
                      properties:
                        replyTo:
                          type: string
                        correlationId:
                          type: string
                        messageId:
                          type: string
                          maxLength: 128
                        type:
                          const: \(MessageType.command)
                  messages:
                \(messages.joined(separator: "\n"))
                    result:
                      name: result
                      title: The result of a command, exactly one
                      contentType: application/json
                      headers:
                        type: object
                        properties:
                          type:
                            const: \(MessageType.result)
                      correlationId:
                        $ref: '#/components/correlationIds/command'
                      payload:
                        schemaFormat: application/schema+json;version=draft-2020-12
                        schema:
                          $ref: './result.json'
                    progress:
                      name: progress
                      title: A word on the way to a result
                      contentType: application/json
                      headers:
                        type: object
                        properties:
                          type:
                            const: \(MessageType.progress)
                      correlationId:
                        $ref: '#/components/correlationIds/command'
                      payload:
                        schemaFormat: application/schema+json;version=draft-2020-12
                        schema:
                          $ref: './progress.json'

                """
        )
    }
}
