using Google.Protobuf;
using OsmExt.Envoy;
using OsmExt.Testing.Xds;

namespace OsmExt.Testing.Hosting;

/// <summary>
/// The proxy of a pod, as far as its discovery stream goes: it asks for what Envoy asks for, keeps what it is sent, and accepts everything
/// unless <see cref="Objection"/> says otherwise. It carries no traffic.
/// </summary>
public sealed class FakeProxy : IAsyncDisposable
{
    private readonly TestProxy _proxy;

    internal FakeProxy(string pod, TestProxy proxy) => (Pod, _proxy) = (pod, proxy);

    /// <summary>The pod, <c>NAMESPACE/NAME</c>.</summary>
    public string Pod { get; }

    /// <summary>
    /// Why a response is refused (a NACK, with these words); null accepts it. It is asked with what is in the response: <c>CDS a b -c</c> are
    /// clusters a and b, and that c is gone. Others are <c>LDS</c>, <c>RDS</c>, <c>VHDS</c>, <c>EDS</c> and <c>SDS</c>.
    /// </summary>
    public Func<string, string?> Objection
    {
        get => _proxy.Objection;
        set => _proxy.Objection = value;
    }

    /// <summary>What it was sent, one line for each response, as <see cref="Objection"/> sees it.</summary>
    public IReadOnlyList<string> Responses => _proxy.Log;

    /// <summary>Forgets the responses so far.</summary>
    public void ForgetResponses() => _proxy.ForgetLog();

    /// <summary>A resource that it has; null when it has none of that name. What it refused it does not have.</summary>
    /// <typeparam name="T">The resource's type, for example <c>Envoy.Config.Listener.V3.Listener</c>.</typeparam>
    /// <param name="name">Its name.</param>
    public T? Find<T>(string name)
        where T : class, IMessage, new()
        => (T?)_proxy.Find(TypeUrlOf<T>(), name)?.Message;

    /// <summary>All resources of a type that it has, by name.</summary>
    /// <typeparam name="T">The resources' type.</typeparam>
    public IReadOnlyDictionary<string, T> All<T>()
        where T : class, IMessage, new()
        => _proxy.All(TypeUrlOf<T>()).ToDictionary(held => held.Key, held => (T)held.Value.Message, StringComparer.Ordinal);

    /// <summary>A resource that it has, in YAML, without secrets, and with everything that is packed into it; empty when it has none of that name.</summary>
    /// <typeparam name="T">The resource's type.</typeparam>
    /// <param name="name">Its name.</param>
    public string Text<T>(string name)
        where T : class, IMessage, new()
        => Find<T>(name) is { } found ? EnvoyJson.ToYaml(Redaction.Of(found)) : "";

    /// <summary>Closes its stream.</summary>
    public ValueTask DisposeAsync() => _proxy.DisposeAsync();

    internal async Task UntilCompleteAsync()
    {
        await _proxy.UntilAsync(() => _proxy.IsComplete).ConfigureAwait(false);
        await _proxy.HasHostsAsync().ConfigureAwait(false);
    }

    private static string TypeUrlOf<T>()
        where T : class, IMessage, new()
        => TypeUrls.Prefix + new T().Descriptor.FullName;
}
