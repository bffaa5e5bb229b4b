using Envoy.Service.Discovery.V3;
using Grpc.Core;

namespace OsmExt.Testing.Xds;

/// <summary>A stream of the delta variant.</summary>
public sealed class DeltaTestStream : AdsTestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse>
{
    internal DeltaTestStream(AsyncDuplexStreamingCall<DeltaDiscoveryRequest, DeltaDiscoveryResponse> call, AdsTestClientOptions options)
        : base(call, options)
    {
    }

    /// <summary>Subscribes to names in addition to those before.</summary>
    /// <param name="typeUrl">The type.</param>
    /// <param name="names">Names; none in a first request means everything.</param>
    public Task SubscribeAsync(string typeUrl, params string[] names)
        => SendAsync(new() { TypeUrl = typeUrl, Node = Introduction(), ResourceNamesSubscribe = { names } });

    /// <summary>Ends the subscription to names.</summary>
    /// <param name="typeUrl">The type.</param>
    /// <param name="names">Names, possibly <c>*</c>.</param>
    public Task UnsubscribeAsync(string typeUrl, params string[] names)
        => SendAsync(new() { TypeUrl = typeUrl, Node = Introduction(), ResourceNamesUnsubscribe = { names } });

    /// <summary>Subscribes as a client does that had a stream before and kept what it got.</summary>
    /// <param name="typeUrl">The type.</param>
    /// <param name="versions">Versions by name of what it kept.</param>
    /// <param name="names">Names; none means everything.</param>
    public Task ResumeAsync(string typeUrl, IReadOnlyDictionary<string, string> versions, params string[] names)
    {
        var request = new DeltaDiscoveryRequest { TypeUrl = typeUrl, Node = Introduction(), ResourceNamesSubscribe = { names } };
        foreach (var (name, version) in versions)
        {
            request.InitialResourceVersions[name] = version;
        }

        return SendAsync(request);
    }

    private protected override string TypeOf(DeltaDiscoveryResponse response) => response.TypeUrl;

    private protected override DeltaDiscoveryRequest Answer(DeltaDiscoveryResponse response, Google.Rpc.Status? error)
        => new() { TypeUrl = response.TypeUrl, ResponseNonce = response.Nonce, ErrorDetail = error };
}
