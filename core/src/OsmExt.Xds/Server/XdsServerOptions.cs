using System.ComponentModel.DataAnnotations;

namespace OsmExt.Xds.Server;

/// <summary>Limits and times of the xDS server. The defaults suit thousands of proxies on one control plane.</summary>
internal sealed class XdsServerOptions
{
    /// <summary>How long an unanswered type may hold back the types behind it. Removals wait twice as long.</summary>
    public TimeSpan HoldTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>A stream has to send its first request within this time.</summary>
    public TimeSpan FirstRequestTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>A response has to be taken within this time, or the stream is aborted.</summary>
    public TimeSpan WriteTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Responses written at the same time. Each occupies its full size in memory until the client has read it.</summary>
    [Range(1, 100_000)]
    public int PushSlots { get; set; } = 32;

    /// <summary>A write that takes longer than this gives its slot to others, if there is room among the slow ones.</summary>
    public TimeSpan SlowWrite { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Slow writes beside the <see cref="PushSlots"/>.</summary>
    [Range(0, 100_000)]
    public int SlowSlots { get; set; } = 256;

    [Range(1024, int.MaxValue)]
    public int MaxRequestBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>
    /// Where a response may carry a part of what is due, it ends at this size. Below the 4 MiB that gRPC clients accept unless
    /// told otherwise.
    /// </summary>
    [Range(1024, int.MaxValue)]
    public int MaxResponseBytes { get; set; } = 3 * 1024 * 1024;

    /// <summary>Names a stream may subscribe to in one type.</summary>
    [Range(1, int.MaxValue)]
    public int MaxResourceNames { get; set; } = 20_000;

    /// <summary>Length of all names a stream subscribes to together.</summary>
    [Range(1, long.MaxValue)]
    public long MaxNameCharacters { get; set; } = 16 * 1024 * 1024;

    [Range(1, int.MaxValue)]
    public int MaxTypesPerStream { get; set; } = 32;

    /// <summary>More than one, because a proxy may be back before its old stream is noticed to be dead.</summary>
    [Range(1, int.MaxValue)]
    public int MaxStreamsPerProxy { get; set; } = 4;

    /// <summary>
    /// Streams of one type each. Envoy opens one for each set of endpoints and each route configuration when it is told not to use
    /// the aggregated service, and says few names on each: the characters of a stream are these streams' together.
    /// </summary>
    [Range(1, int.MaxValue)]
    public int MaxSeparateStreamsPerProxy { get; set; } = 256;

    /// <summary>Requests a stream may send per second in the long run; faster ones are read later.</summary>
    [Range(1, 1_000_000)]
    public int RequestsPerSecond { get; set; } = 100;

    /// <summary>Requests a stream may send at once.</summary>
    [Range(1, 1_000_000)]
    public int RequestBurst { get; set; } = 1_000;

    /// <summary>Size of the node in a stream's first request. An Envoy with all its extensions says about 60 KiB.</summary>
    [Range(1024, int.MaxValue)]
    public int MaxNodeBytes { get; set; } = 256 * 1024;

    /// <summary>Streams that are being let in at the same time.</summary>
    [Range(1, 100_000)]
    public int AdmissionSlots { get; set; } = 64;

    /// <summary>Streams that are let in a second, clients taking turns.</summary>
    [Range(1, 1_000_000)]
    public int StreamsPerSecond { get; set; } = 1_000;

    [Range(1, int.MaxValue)]
    public int MaxConnections { get; set; } = 10_000;

    /// <summary>Many proxies may come from one address when something between translates addresses.</summary>
    [Range(1, int.MaxValue)]
    public int MaxConnectionsPerAddress { get; set; } = 5_000;

    /// <summary>Connections of those who present certificates of one name. More than one, as a proxy may be back before its old connection is noticed to be dead.</summary>
    [Range(1, int.MaxValue)]
    public int MaxConnectionsPerClient { get; set; } = 8;

    /// <summary>Connections that are not through the handshake yet, those that wait for their turn included.</summary>
    [Range(1, int.MaxValue)]
    public int MaxHandshakes { get; set; } = 4_096;

    [Range(1, int.MaxValue)]
    public int MaxHandshakesPerAddress { get; set; } = 2_048;

    /// <summary>Handshakes being done at the same time.</summary>
    [Range(1, 10_000)]
    public int HandshakeSlots { get; set; } = 4 * Environment.ProcessorCount;

    /// <summary>Handshakes done a second, addresses taking turns. Each takes about a millisecond of a core.</summary>
    [Range(1, 1_000_000)]
    public int HandshakesPerSecond { get; set; } = 400 * Environment.ProcessorCount;

    /// <summary>A connection has to say something, and get its turn, within this time. How long the handshake itself may take is up to its options.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>A handshake that takes longer than this gives its place to others.</summary>
    public TimeSpan SlowHandshake { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>HTTP/2 frames without content a second: resets, pings, settings, headers, empty ones. Envoy sends a few an hour.</summary>
    [Range(1, 1_000_000)]
    public int ControlFramesPerSecond { get; set; } = 100;

    /// <summary>The same at once.</summary>
    [Range(1, 1_000_000)]
    public int ControlFrameBurst { get; set; } = 1_000;

    /// <summary>Nobody is let in while this share of the memory that the process may have is in use.</summary>
    [Range(0.01, 1)]
    public double MemoryLoad { get; set; } = 0.9;

    /// <summary>Nobody is let in while there are not so many files and sockets left, which the rest of the process needs.</summary>
    [Range(0, 1_000_000)]
    public int SpareFileDescriptors { get; set; } = 64;

    /// <summary>Nobody is let in while work waits so long for a thread.</summary>
    public TimeSpan PoolDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Told to clients in each response, which show it, so that one can see which replica they talk to. Empty for none.</summary>
    public string ControlPlaneIdentifier { get; set; } = "";

    /// <summary>How many streams a proxy may have of the kind that carries this type only, or all types.</summary>
    public int MaxStreamsOf(string? onlyType) => onlyType is null ? MaxStreamsPerProxy : MaxSeparateStreamsPerProxy;

    /// <summary>Length of all names on a stream that carries this type only, or all types.</summary>
    public long MaxNameCharactersOf(string? onlyType) => onlyType is null ? MaxNameCharacters : Math.Max(1, MaxNameCharacters / MaxSeparateStreamsPerProxy);
}
