namespace OsmExt.DataPlane.Tests.Agreement;

/// <summary>
/// Requests in shapes that have been read in two ways by some server or other, as bytes (a character for each), drawn so that most have one odd
/// thing in them. A seed gives the same ones again.
/// </summary>
internal sealed class WireShapes(int seed)
{
    /// <summary>What ends each: a request that closes the connection, unless what came before has.</summary>
    public const string Last = "GET /last HTTP/1.1\r\nhost: last\r\nconnection: close\r\n\r\n";

    private static readonly string[] Starts =
    [
        "GET / HTTP/1.1\r\n", "GET / HTTP/1.1\n", "\r\nGET / HTTP/1.1\r\n", "\r\n\r\nGET / HTTP/1.1\r\n", "\nGET / HTTP/1.1\r\n", " GET / HTTP/1.1\r\n",
        "GET  / HTTP/1.1\r\n", "GET /  HTTP/1.1\r\n", "GET / HTTP/1.1 \r\n", "GET\t/ HTTP/1.1\r\n", "GET /a b HTTP/1.1\r\n", "GET / HTTP/1.0\r\n",
        "GET / HTTP/1.2\r\n", "GET / HTTP/2.0\r\n", "GET / HTTP/0.9\r\n", "GET / http/1.1\r\n", "GET / HTTP/1.1.1\r\n", "GET / HTTP/01.1\r\n", "GET / HTTP/11\r\n",
        "GET /\r\n", "GET\r\n", "/ HTTP/1.1\r\n", "GET / XTTP/1.1\r\n", "get / HTTP/1.1\r\n", "G(T / HTTP/1.1\r\n", "GET / HTTP/1.1\r", "GET /\0 HTTP/1.1\r\n",
        "GET /\x80 HTTP/1.1\r\n", "GET http://a/x HTTP/1.1\r\n", "GET http://b/x HTTP/1.1\r\n", "GET http://a:80/x?y HTTP/1.1\r\n", "GET //a/x HTTP/1.1\r\n",
        "GET * HTTP/1.1\r\n", "OPTIONS * HTTP/1.1\r\n", "CONNECT a:80 HTTP/1.1\r\n", "CONNECT / HTTP/1.1\r\n", "TRACE / HTTP/1.1\r\n", "HEAD / HTTP/1.1\r\n",
        "POST / HTTP/1.1\r\n", "POST / HTTP/1.1\r\n", "POST / HTTP/1.1\r\n", "POST / HTTP/1.1\r\n", "PUT / HTTP/1.1\r\n", "DELETE / HTTP/1.1\r\n", "PRI * HTTP/2.0\r\n",
    ];

    private static readonly string[] Hosts =
    [
        "host: a\r\n", "host: a\r\n", "host: a\r\n", "host: a\r\n", "Host: a\r\n", "HOST:a\r\n", "", "host:\r\n", "host: \r\n", "host: a\r\nhost: a\r\n", "host: a\r\nhost: b\r\n",
        "host : a\r\n", " host: a\r\n", "host: a\n", "host:\ta\t\r\n", "host: a, b\r\n", "host: a b\r\n", "host: a\r\n b\r\n", "host: a@b\r\n", "host: a/b\r\n",
        "host: a:99999\r\n", "host: [::1\r\n", "host\r\n", "host: \x80\r\n",
    ];

    private static readonly string[] Odd =
    [
        "x-a: 1\r\n folded\r\n", "x-a: 1\r\n\tfolded\r\n", "x-a : 1\r\n", " x-a: 1\r\n", "x-a: 1\n", "x-a: 1\r", "x-a\r\n", ": 1\r\n", "x\0a: 1\r\n", "x-a: a\0b\r\n", "x-a: a\x01b\r\n",
        "x-a: a\x7f\r\n", "x-a: \xff\r\n", "x-\xe9: 1\r\n", "x(a): 1\r\n", "x a: 1\r\n", "x-a:\r\n", "x-a:: 1\r\n", "X-A: 1\r\nx-a: 2\r\n", "x_a: 1\r\n", "x-a: \ta\t b \r\n", "x-a: a\rb\r\n",
        "connection: x-a\r\nx-a: 1\r\n", "connection: host\r\n", "connection: close, x-b\r\nx-b: 1\r\n", "connection: keep-alive\r\nkeep-alive: timeout=5\r\n",
        "proxy-connection: close\r\n", "te: trailers\r\n", "te: gzip\r\n", "te: trailers, gzip\r\n", "trailer: x\r\n", "upgrade: websocket\r\nconnection: upgrade\r\n", "upgrade: h2c\r\nconnection: upgrade, http2-settings\r\nhttp2-settings: AAMAAABkAAQAAP__\r\n",
        "upgrade: websocket\r\n", "expect: 100-continue\r\n", "expect: other\r\n", ":path: /x\r\n", ":authority: x\r\n", "x-forwarded-for: 1.2.3.4\r\n", "x-forwarded-proto: https\r\n",
        "x-forwarded-proto: ftp\r\n", "x-forwarded-client-cert: By=me;URI=spiffe://cluster.local/admin\r\n", "x-envoy-original-path: /x\r\n", "x-envoy-internal: true\r\n", "x-envoy-retry-on: 5xx\r\n",
        "x-request-id: mine\r\n", "x-envoy-upstream-rq-timeout-ms: 1\r\n", "x-envoy-max-retries: 9\r\n", "x-forwarded-host: b\r\n", "forwarded: host=b\r\n", "via: 1.1 me\r\n",
        "proxy-authorization: x\r\n", "x-http-method-override: DELETE\r\n", "date: x\r\n", "server: me\r\n", "accept-encoding: gzip\r\n", "user-agent:\r\n", "cookie: a=1\r\ncookie: b=2\r\n",
        "accept: a\r\naccept: b\r\n", "set-cookie: a\r\nset-cookie: b\r\n", "content-type: text/plain\r\n", "content-type: a\r\ncontent-type: b\r\n", "range: bytes=0-1\r\n", "grpc-timeout: 1S\r\n",
        "x-envoy-decorator-operation: x\r\n", "x-envoy-attempt-count: 7\r\n", "x-envoy-external-address: 1.2.3.4\r\n", "x-envoy-downstream-service-cluster: x\r\n", "traceparent: x\r\n",
    ];

    private static readonly string[] Bodies =
    [
        "\r\n", "\r\n", "\r\n", "\n", "content-length: 0\r\n\r\n", "content-length: 5\r\n\r\nhello", "Content-Length: 5\r\n\r\nhello", "content-length:5\r\n\r\nhello", "content-length: 5 \r\n\r\nhello",
        "content-length: 05\r\n\r\nhello", "content-length: +5\r\n\r\nhello", "content-length: -5\r\n\r\nhello", "content-length: 0x5\r\n\r\nhello", "content-length: 5, 5\r\n\r\nhello",
        "content-length: 5,6\r\n\r\nhello", "content-length: 5\r\ncontent-length: 5\r\n\r\nhello", "content-length: 5\r\ncontent-length: 0\r\n\r\nhello", "content-length: 99999999999999999999\r\n\r\nhello",
        "content-length:\r\n\r\nhello", "content-length: a\r\n\r\nhello", "content-length : 5\r\n\r\nhello", "content-length: 5\n\nhello", "content\x2dlength: 5\r\n\r\nhello",
        "transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "Transfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "transfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\n5;x=1\r\nhello\r\n0\r\n\r\n", "transfer-encoding: chunked\r\n\r\n5 ;x\r\nhello\r\n0\r\n\r\n", "transfer-encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\n05\r\nhello\r\n00\r\n\r\n", "transfer-encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n", "transfer-encoding: chunked\r\n\r\n5\nhello\n0\n\n",
        "transfer-encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n", "transfer-encoding: chunked\r\n\r\n5\r\nhello0\r\n\r\n", "transfer-encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\nffffffffffffffff5\r\nhello\r\n0\r\n\r\n", "transfer-encoding: chunked\r\n\r\n5;a\nb\r\nhello\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\n0\r\nx-t: 1\r\n\r\n", "transfer-encoding: chunked\r\n\r\n0\r\nhost: b\r\n\r\n", "transfer-encoding: chunked\r\n\r\n0\r\ncontent-length: 5\r\n\r\n",
        "transfer-encoding: chunked\r\n\r\n0\r\nx-t : 1\r\n\r\n", "transfer-encoding: chunked\r\n\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n0\r\n\r\n", "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", "content-length: 0\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        "transfer-encoding: identity\r\n\r\n", "transfer-encoding: identity\r\ncontent-length: 5\r\n\r\nhello", "transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n", "transfer-encoding: identity, chunked\r\n\r\n0\r\n\r\n",
        "transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "transfer-encoding: gzip\r\n\r\n", "transfer-encoding: chunked, chunked\r\n\r\n0\r\n\r\n", "transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n", "transfer-encoding: xchunked\r\n\r\n0\r\n\r\n", "transfer-encoding:\r\n\r\n", "transfer-encoding: \x0b" + "chunked\r\n\r\n0\r\n\r\n",
        "transfer-encoding : chunked\r\n\r\n0\r\n\r\n", "transfer-encoding: chunked \r\n\r\n0\r\n\r\n", "transfer-encoding: \"chunked\"\r\n\r\n0\r\n\r\n", "transfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
        "transfer_encoding: chunked\r\n\r\n0\r\n\r\n", "x: y\rtransfer-encoding: chunked\r\n\r\n0\r\n\r\n", "transfer-encoding: chunked;q=1\r\n\r\n0\r\n\r\n",
    ];

    private readonly Random _random = new(seed);

    public string Next() => (_random.Next(6) switch
    {
        0 => Any(Starts) + "host: a\r\n" + "\r\n",
        1 => "GET / HTTP/1.1\r\n" + Any(Hosts) + "\r\n",
        2 => "GET / HTTP/1.1\r\nhost: a\r\n" + Any(Odd) + "\r\n",
        3 => "POST / HTTP/1.1\r\nhost: a\r\n" + Any(Bodies),
        4 => "POST / HTTP/1.1\r\nhost: a\r\n" + Any(Odd) + Any(Odd) + Any(Bodies),
        _ => Any(Starts) + Any(Hosts) + Any(Odd) + Any(Bodies),
    }) + Last;

    private string Any(string[] values) => values[_random.Next(values.Length)];
}
