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

    /// <summary>Told to clients in each response, which show it, so that one can see which replica they talk to. Empty for none.</summary>
    public string ControlPlaneIdentifier { get; set; } = "";

    /// <summary>How many streams a proxy may have of the kind that carries this type only, or all types.</summary>
    public int MaxStreamsOf(string? onlyType) => onlyType is null ? MaxStreamsPerProxy : MaxSeparateStreamsPerProxy;

    /// <summary>Length of all names on a stream that carries this type only, or all types.</summary>
    public long MaxNameCharactersOf(string? onlyType) => onlyType is null ? MaxNameCharacters : Math.Max(1, MaxNameCharacters / MaxSeparateStreamsPerProxy);
}
