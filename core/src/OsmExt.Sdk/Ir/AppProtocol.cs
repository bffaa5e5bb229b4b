namespace OsmExt.Sdk.Ir;

/// <summary>How a service port's traffic is carried.</summary>
public enum AppProtocol
{
    /// <summary>HTTP/1.1 or HTTP/2, routed and authorized by request.</summary>
    Http,

    /// <summary>gRPC; the same as HTTP for routing and authorization.</summary>
    Grpc,

    /// <summary>HTTP whose application speaks HTTP/2 in plain text and nothing else, whatever its clients speak.</summary>
    Http2,

    /// <summary>Bytes, authorized by connection.</summary>
    Tcp,

    /// <summary>Bytes where the server speaks first; nothing may wait for the client's first byte.</summary>
    TcpServerFirst,
}

/// <summary>Facts about protocols.</summary>
public static class AppProtocols
{
    /// <summary>Whether requests are routed one by one.</summary>
    public static bool IsHttp(this AppProtocol protocol) => protocol is AppProtocol.Http or AppProtocol.Grpc or AppProtocol.Http2;

    /// <summary>The name in Services and in generated names: <c>http</c>, <c>grpc</c>, <c>h2c</c>, <c>tcp</c>, <c>tcp-server-first</c>.</summary>
    public static string Name(this AppProtocol protocol) => protocol switch
    {
        AppProtocol.Http => "http",
        AppProtocol.Grpc => "grpc",
        AppProtocol.Http2 => "h2c",
        AppProtocol.Tcp => "tcp",
        AppProtocol.TcpServerFirst => "tcp-server-first",
        _ => throw new ArgumentOutOfRangeException(nameof(protocol), protocol, "Not a protocol."),
    };

    /// <summary>
    /// Reads <see cref="Name"/> back, in any letter case, and Kubernetes' own names <c>kubernetes.io/h2c</c> and <c>kubernetes.io/ws</c>;
    /// null when the mesh does not carry it.
    /// </summary>
    public static AppProtocol? TryParse(string? name) => name?.ToUpperInvariant() switch
    {
        "HTTP" or "KUBERNETES.IO/WS" => AppProtocol.Http,
        "GRPC" => AppProtocol.Grpc,
        "H2C" or "KUBERNETES.IO/H2C" => AppProtocol.Http2,
        "TCP" => AppProtocol.Tcp,
        "TCP-SERVER-FIRST" => AppProtocol.TcpServerFirst,
        _ => null,
    };
}
