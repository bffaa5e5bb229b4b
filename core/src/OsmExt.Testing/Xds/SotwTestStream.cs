using System.Collections.Concurrent;
using Envoy.Service.Discovery.V3;
using Grpc.Core;

namespace OsmExt.Testing.Xds;

/// <summary>A stream of the state-of-the-world variant.</summary>
public sealed class SotwTestStream : AdsTestStream<DiscoveryRequest, DiscoveryResponse>
{
    private readonly ConcurrentDictionary<string, IReadOnlyList<string>> _names = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _nonces = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _accepted = new(StringComparer.Ordinal);

    internal SotwTestStream(AsyncDuplexStreamingCall<DiscoveryRequest, DiscoveryResponse> call, AdsTestClientOptions options)
        : base(call, options)
    {
    }

    /// <summary>Says which names are wanted from now on, with the nonce and version the stream is at.</summary>
    /// <param name="typeUrl">The type.</param>
    /// <param name="names">All names wanted; none in a first request means everything.</param>
    public Task RequestAsync(string typeUrl, params string[] names) => SendAsync(new()
    {
        TypeUrl = typeUrl,
        Node = Introduction(),
        ResourceNames = { names },
        ResponseNonce = _nonces.GetValueOrDefault(typeUrl, ""),
        VersionInfo = _accepted.GetValueOrDefault(typeUrl, ""),
    });

    /// <summary>Makes a first request as a client does that had a stream before and kept what it got.</summary>
    /// <param name="typeUrl">The type.</param>
    /// <param name="version">The version of the last response it accepted.</param>
    /// <param name="names">All names wanted; none means everything.</param>
    public Task ResumeAsync(string typeUrl, string version, params string[] names)
        => SendAsync(new() { TypeUrl = typeUrl, Node = Introduction(), ResourceNames = { names }, VersionInfo = version });

    private protected override string TypeOf(DiscoveryResponse response) => response.TypeUrl;

    private protected override void Sending(DiscoveryRequest request)
    {
        _names[request.TypeUrl] = [.. request.ResourceNames];
        if (request.VersionInfo.Length > 0)
        {
            _accepted[request.TypeUrl] = request.VersionInfo;
        }
    }

    private protected override void Receiving(DiscoveryResponse response) => _nonces[response.TypeUrl] = response.Nonce;

    private protected override DiscoveryRequest Answer(DiscoveryResponse response, Google.Rpc.Status? error) => new()
    {
        TypeUrl = response.TypeUrl,
        ResponseNonce = response.Nonce,
        VersionInfo = error is null ? response.VersionInfo : _accepted.GetValueOrDefault(response.TypeUrl, ""),
        ErrorDetail = error,
        ResourceNames = { _names.GetValueOrDefault(response.TypeUrl, []) },
    };
}
