namespace OsmExt.Simulation.Tests.Agreement;

/// <summary>Draws requests that lie close to the routes of the test, and tricks on them. A seed gives the same ones again.</summary>
internal sealed class RequestGenerator(int seed)
{
    private static readonly string[] Hosts =
    [
        "cart.shop", "CART.shop", "cart.shop.", "cart.shop:8080", "Cart.Shop:8080", "cart.shop.:8080", "cart.shop:80", "cart.shop:0", "cart.shop:",
            "cart.shop:x",
        "upper.shop", "UPPER.SHOP", "[::1]:8080", "[::1]", "[::1]:9", "10.0.0.1", "10.0.0.1:8080", "x.shop", ".shop", "shop", "a.b.shop",
            "x-v1.shop", "-v1.shop",
        "y.cart.shop", ".cart.shop", "cart-v1.x", "cart-v1.", "cart-v1", "cart-v1.shop", "cart", "cartx", "car", "api.shop.x", "api.x", "api.",
            "api", "denied.shop",
        "denied", "DENIED", "denied.", "unknown", "unknown.", "", "a..shop", "cart.shop..", "cart_shop", "cart shop", "cart.shop/", "user@cart.shop",
            "cart.shop,x",
        "cart.shop%2e", "ca\u00E9.shop", "*", "*.shop", "cart.shop:65536", "cart.shop:08080", "127.0.0.1", "cart.shop#x", "cart.shop?x",
            "cart.shop\\x", "\"cart\"",
    ];

    private static readonly string[] Targets =
    [
        "/exact", "/exact/", "/exact?x=1", "/EXACT", "/any/case", "/ANY/CASE", "/Any/Case/", "/prefix/", "/prefix", "/prefix/x?y", "/prelude",
            "/PRE", "/pr", "/sep",
        "/sep/", "/sep/x", "/separate", "/sep?x", "/re", "/re/1", "/re/1/", "/re/12?x=/", "/re/", "/re\u0041", "/x.json", "/x.json?y=.xml",
            "/x.xml?y=.json", "/.json",
        "/w/abc", "/w/a-b", "/w/", "/w/a_1", "/a", "/a/b", "/a/b/c", "/mixed", "/MIXED", "/n/xyz", "/n/abc", "/n/%41", "/n/", "/s/a1", "/s/1a",
            "/s/", "/method",
        "/method/x", "/secret", "/x?secret", "/h", "/h/x", "/empty", "/c", "/host", "/q?v=1", "/q?v=2", "/q?v=2&w", "/q?w=1&v=", "/q?v=2&v=1",
            "/q?v=%31", "/q?V=1",
        "/q?&v=1", "/q", "/old", "/old?x", "/g", "/opened", "/narrow", "/narrow/deep", "/narrow/Deep", "/narrow/x?y", "/narrower", "/", "", "*",
            "//exact", "/./exact",
        "/x/../exact", "/x/..%2fexact", "/x/%2e%2e/exact", "/x/%2E%2E/exact", "/%65xact", "/exact%2f", "/exact%5c", "/exact%5Cx", "/exact\\",
            "\\exact", "/x\\..\\exact",
        "/prefix//x", "/prefix/../exact", "/..", "/../exact", "/...", "/.", "/exact/.", "/exact/..", "/exact#x", "/exact%23x", "/exact%00",
            "/exact%", "/exact%2",
        "/exact%zz", "/exact%3fx", "/exact;x=1", "/exact/;x", "/ex act", "/exact%20", "/exact\"x", "/exact<x>", "/exact{x}", "/exact|x", "/exact^x",
            "/exact`x",
        "/caf\u00C3\u00A9", "/\u00FF", "/exact\u007F", "/\u0001", "exact", "http://cart.shop/exact", "http://denied.shop/opened", "http://cart.shop",
            "http://cart.shop?x",
        "https://cart.shop/exact", "HTTP://cart.shop/exact", "http://CART.shop:8080/host", "http:///exact", "ftp://cart.shop/exact", "http//x",
            "http:/exact", "/~x/../exact",
        "/%7Ex/%2e%2e/exact", "/a%2Fb", "/a//b", "/a///b/", "/%2e/exact", "/.%2e/exact", "/x/.%2e/exact", "/x/%2e./exact", "/%2E", "/x/..;/exact",
            "/exact?a=//b", "/exact?a=%2f",
        "/exact?a=../b", "/exact??", "/exact&x", "//", "///", "/narrow/%64eep", "/narrow//deep", "/opened/../narrow", "/[x]", "/'x'", "/(x)", "/!x$",
            "/:x", "/@x", "/=,+*",
    ];

    private static readonly string[] Methods =
        ["GET", "GET", "GET", "GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "get", "Get", "FOO", "PURGE", "TRACE", "DELETEX",
            "PROPFIND", "G-T"];

    private static readonly (string Name, string Value)[] Headers =
    [
        ("x-a", "1"), ("X-A", "1"), ("x-a", "2"), ("x-a", "1,2"), ("x-a", "bb"), ("x-a", "prefix"), ("x-a", "PREX"), ("x-a", "xfix"), ("x-a",
            "\u00C3\u00A9"),
        ("x-a", "\u00E9"), ("x-a", "\u00FF\u00FE"), ("x-a", ""), ("x-a", " 1 "), ("x-a", "-5"), ("x-a", "99"), ("x-a", "100"), ("x-a", "+7"), ("x-a",
            "0x1"), ("x-b", ""),
        ("x-b", "no"), ("x-b", "yes"), ("x-b", "gzip"), ("x-b", "gzip,"), ("x-c", "1"), ("x-c", ""), ("x-d", "1"), ("cookie", "a=1"), ("cookie",
            "b=2"), ("cookie", "a=1; b=2"),
        ("user-agent", "go-http-client/1.1"), ("user-agent", "x-http-client"), ("user-agent", "curl"), ("content-type", "application/grpc"),
        ("content-type", "application/grpc+proto"), ("content-type", "application/grpcx"), ("content-type", "application/grpc;x"), ("content-type",
            "application/json"), ("x_under", "1"), ("X-a ", "1"),
    ];

    private static readonly string[] Names =
    [
        "accept", "accept-encoding", "authorization", "origin", "cache-control", "referer", "cookie", "user-agent", "content-type", "expect",
        "grpc-timeout", "access-control-request-method", "content-encoding", "if-none-match", "pragma", "x-custom", "forwarded", "range",
            "accept-language", "x-b3-traceid",
        "b3", "traceparent", "tracestate", "x-ot-span-context", "baggage", "x-real-ip", "x-api-key", "date", "server", "location",
        "set-cookie", "etag", "vary", "age", "expires", "last-modified", "x-http-method-override", "dnt", "from", "x-amz-date",
        "grpc-status", "grpc-message", "grpc-accept-encoding", "if-match", "if-modified-since", "if-unmodified-since", "if-range",
            "access-control-request-headers", "access-control-request-private-network", "sec-websocket-key"
    ];

    private readonly Random _random = new(seed);

    public RawRequest Next()
    {
        if (_random.Next(8) == 0)
        {
            var name = Any(Names);
            return new("GET", $"/i/{name}", "cart.shop", [(name, "v"), (name, "w")]);
        }

        // Most of the time one thing is odd, so that the others do not hide it.
        var (host, target, method) = _random.Next(4) switch
        {
            0 => (Any(Hosts), Any(Targets), Any(Methods)),
            1 => (Any(Hosts), "/exact", "GET"),
            2 => ("cart.shop", Any(Targets), "GET"),
            _
                => (_random.Next(2) == 0 ? "cart.shop" : "denied.shop", Any(["/h", "/h", "/h", "/c", "/c", "/empty", "/method", "/narrow",
                    "/narrow/x", "/g", "/q?v=1"]), Any(Methods)),
        };
        return new(method, target, host, [.. Enumerable.Range(0, _random.Next(5)).Select(_ => Any(Headers))]);
    }

    private T Any<T>(T[] values) => values[_random.Next(values.Length)];
}
