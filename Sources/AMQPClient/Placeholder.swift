import CRabbitMQ
enum AMQPClientPlaceholder {}
