using System.Collections.Immutable;
using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Grpc.Core;
using OsmExt.Envoy;

namespace OsmExt.DataPlane.Discovery;

/// <summary>
/// One incremental stream. It asks for all clusters and listeners and then, by name, for what these refer to; each response is put in force, or
/// kept until what it refers to has come, before it is acknowledged, so that an acknowledgement means that it is carried out.
/// </summary>
/// <param name="call">The stream.</param>
/// <param name="node">Who asks; said once.</param>
/// <param name="keeper">What came on earlier streams, and what takes in what comes on this one.</param>
internal sealed class DiscoverySession(AsyncDuplexStreamingCall<DeltaDiscoveryRequest, DeltaDiscoveryResponse> call, Node node, InventoryKeeper keeper)
{
    private const string Wildcard = "*";

    // Asked for by name, each after what refers to it.
    private static readonly string[] ByName = [TypeUrls.Endpoint, TypeUrls.Route, TypeUrls.Secret];

    private readonly Dictionary<string, ImmutableSortedSet<string>> _asked = new(StringComparer.Ordinal);
    private bool _introduced;

    /// <summary>Talks until the stream ends.</summary>
    /// <param name="answered">Called when the control plane has said something.</param>
    /// <param name="stop">Ends it.</param>
    /// <exception cref="RpcException">How the other side, or the connection, ended it.</exception>
    public async Task RunAsync(Action answered, CancellationToken stop)
    {
        await AskForAllAsync(TypeUrls.Cluster, stop).ConfigureAwait(false);
        await AskForAllAsync(TypeUrls.Listener, stop).ConfigureAwait(false);
        await AskAsync(stop).ConfigureAwait(false);
        while (await call.ResponseStream.MoveNext(stop).ConfigureAwait(false))
        {
            answered();
            var response = call.ResponseStream.Current;
            var refusal = await keeper.TakeAsync(response, stop).ConfigureAwait(false);
            await SendAsync(
                new()
                {
                    TypeUrl = response.TypeUrl,
                    ResponseNonce = response.Nonce,
                    ErrorDetail = refusal.Length == 0 ? null : new() { Code = (int)StatusCode.InvalidArgument, Message = refusal },
                },
                stop).ConfigureAwait(false);
            await AskAsync(stop).ConfigureAwait(false);
        }
    }

    private async Task AskAsync(CancellationToken stop)
    {
        foreach (var type in ByName)
        {
            var (before, wanted) = (_asked.GetValueOrDefault(type), keeper.Current.Wanted(type));
            keeper.Sweep(type, wanted);
            if (before is null ? !wanted.IsEmpty : !wanted.SetEquals(before))
            {
                _asked[type] = wanted;
                var request = before is null ? Resuming(type) : new() { TypeUrl = type };
                request.ResourceNamesSubscribe.Add(wanted.Except(before ?? []));
                request.ResourceNamesUnsubscribe.Add((before ?? []).Except(wanted));
                await SendAsync(request, stop).ConfigureAwait(false);
            }
        }

        keeper.SweepHosts();
        if (!_asked.ContainsKey(TypeUrls.VirtualHost) && keeper.HasSeparateHosts)
        {
            await AskForAllAsync(TypeUrls.VirtualHost, stop).ConfigureAwait(false);
        }
    }

    private Task AskForAllAsync(string type, CancellationToken stop)
    {
        _asked[type] = [];
        var request = Resuming(type);
        request.ResourceNamesSubscribe.Add(Wildcard);
        return SendAsync(request, stop);
    }

    // What is here already is not sent again, unless it changed meanwhile.
    private DeltaDiscoveryRequest Resuming(string type)
    {
        var request = new DeltaDiscoveryRequest { TypeUrl = type };
        foreach (var (name, held) in keeper.Current.Of(type))
        {
            request.InitialResourceVersions.Add(name, held.Resource.Version);
        }

        return request;
    }

    private Task SendAsync(DeltaDiscoveryRequest request, CancellationToken stop)
    {
        if (!_introduced)
        {
            (_introduced, request.Node) = (true, node);
        }

        return call.RequestStream.WriteAsync(request, stop);
    }
}
