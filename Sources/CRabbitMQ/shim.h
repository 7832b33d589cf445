#pragma once

// librabbitmq moved its headers in 0.12; Debian 12 ships 0.11 (notes/rabbitmq.md, rule 20).
#if __has_include(<rabbitmq-c/amqp.h>)
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/framing.h>
#include <rabbitmq-c/tcp_socket.h>
#include <rabbitmq-c/ssl_socket.h>
#else
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_tcp_socket.h>
#include <amqp_ssl_socket.h>
#endif
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>

// amqp_login_with_properties is variadic, which Swift does not import.
static inline amqp_rpc_reply_t updraft_amqp_login_plain(
    amqp_connection_state_t state, const char *vhost, int channel_max, int frame_max, int heartbeat,
    const amqp_table_t *properties, const char *user, const char *password) {
    return amqp_login_with_properties(
        state, vhost, channel_max, frame_max, heartbeat, properties, AMQP_SASL_METHOD_PLAIN, user, password);
}

// librabbitmq reports every failed verification as "SSL connection failed". OpenSSL knows the reason; this keeps it
// in an int of the caller's, which must live as long as the socket.
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>

static inline int updraft_verify_callback(int ok, X509_STORE_CTX *store) {
    if (!ok) {
        SSL *ssl = (SSL *)X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
        int *reason = ssl ? (int *)SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), 0) : 0;
        if (reason) {
            *reason = X509_STORE_CTX_get_error(store);
        }
    }
    return ok;
}

static inline void updraft_keep_verify_error(amqp_socket_t *socket, int *reason) {
    SSL_CTX *context = (SSL_CTX *)amqp_ssl_socket_get_context(socket);
    SSL_CTX_set_ex_data(context, 0, reason);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, updraft_verify_callback);
}

static inline const char *updraft_verify_error_text(int reason) {
    return X509_verify_cert_error_string(reason);
}

// prctl is variadic, which Swift does not import.
static inline void updraft_set_thread_name(const char *name) {
    prctl(PR_SET_NAME, name, 0, 0, 0);
}
