using OsmExt.Envoy;
using OsmExt.Fleet.Wire;

namespace OsmExt.Fleet.Proxies;

/// <summary>
/// What Envoy has and asks for: all clusters first, then by name the endpoints and secrets these need, then all listeners, and the routes and secrets they name; virtual
/// hosts where a route configuration says that they come by themselves.
/// </summary>
internal sealed class EnvoyState(bool delta, Requests requests, ResourceTable table)
{
    private static readonly string[] ByName = [TypeUrls.Endpoint, TypeUrls.Secret, TypeUrls.Route];
    private readonly Dictionary<string, Subscription> _types = TypeUrls.PushOrder.ToDictionary(type => type, type => new Subscription(type), StringComparer.Ordinal);

    /// <summary>Whether everything was answered, and everything referred to is there.</summary>
    public bool IsComplete
        => _types[TypeUrls.Cluster].IsAnswered && _types[TypeUrls.Listener].IsAnswered
            && ByName.All(type => _types[type].Held.Count == _types[type].Names.Count)
            && (!WantsHosts || _types[TypeUrls.VirtualHost].IsAnswered);

    /// <summary>The sum of the digests of what it has.</summary>
    public UInt128 Digest => Held.Aggregate(UInt128.Zero, static (sum, payload) => unchecked(sum + payload.Digest));

    public IEnumerable<Payload> Held => _types.Values.SelectMany(type => type.Held.Values);

    private bool WantsHosts => delta && _types[TypeUrls.Route].Held.Values.Any(routes => routes.HasHosts);

    public Subscription Of(string typeUrl) => _types[typeUrl];

    public void Forget()
    {
        foreach (var type in _types.Values)
        {
            type.Forget();
        }
    }

    /// <summary>The first requests of a stream: for everything that was asked for on the stream before.</summary>
    public void Begin(GrpcStream stream)
    {
        requests.Begin();
        foreach (var type in TypeUrls.PushOrder.Select(Of))
        {
            type.Begin();
        }

        Ask(stream, TypeUrls.Cluster);
        foreach (var type in (string[])[TypeUrls.Endpoint, TypeUrls.Listener, TypeUrls.Route, TypeUrls.VirtualHost, TypeUrls.Secret])
        {
            if (Of(type).IsAnswered)
            {
                Ask(stream, type);
            }
        }
    }

    /// <summary>Answers a response, and asks for what it makes necessary.</summary>
    public void Take(GrpcStream stream, Response response, string? objection)
    {
        var type = Of(response.TypeUrl);
        type.Nonce = response.Nonce;
        type.IsAnswered = true;
        if (objection is null)
        {
            type.Take(response, isEverything: !delta && (response.TypeUrl is TypeUrls.Cluster or TypeUrls.Listener));
        }

        requests.Answer(stream, type, response, objection);
        if (response.TypeUrl is TypeUrls.Cluster or TypeUrls.Listener)
        {
            foreach (var named in ByName)
            {
                Want(stream, Of(named));
            }
        }

        if (!Of(TypeUrls.Listener).IsAsked && IsReady(TypeUrls.Endpoint))
        {
            Ask(stream, TypeUrls.Listener);
        }

        if (response.TypeUrl == TypeUrls.Route && WantsHosts && !Of(TypeUrls.VirtualHost).IsAsked)
        {
            Ask(stream, TypeUrls.VirtualHost);
        }
    }

    // Envoy asks for listeners when its clusters are there.
    private bool IsReady(string named) => Of(TypeUrls.Cluster).IsAnswered && (Of(named).IsAnswered || Of(named).Names.Count == 0);

    private void Ask(GrpcStream stream, string typeUrl)
    {
        var type = Of(typeUrl);
        IEnumerable<ResourceName> names = typeUrl == TypeUrls.VirtualHost ? [table.Get(typeUrl, "*")] : type.Names;
        requests.Ask(stream, type, names, []);
    }

    private void Want(GrpcStream stream, Subscription type)
    {
        var names = Of(TypeUrls.Cluster).Held.Values.Concat(Of(TypeUrls.Listener).Held.Values).SelectMany(payload => payload.References)
            .Where(reference => string.Equals(reference.TypeUrl, type.TypeUrl, StringComparison.Ordinal)).Select(reference => table.Get(reference.TypeUrl, reference.Name)).ToHashSet();
        var (added, removed) = type.Want(names);
        if (added.Count > 0 || removed.Count > 0 || (!type.IsAsked && names.Count > 0))
        {
            requests.Ask(stream, type, type.IsAsked ? added : names, removed);
        }
    }
}
