using System.Runtime.CompilerServices;
using OsmExt.Compiler.Contributions;
using OsmExt.Envoy;
using OsmExt.Sdk.Ir;

namespace OsmExt.Compiler.Translation;

/// <summary>
/// What one scope's last translation made, so that the next one makes only what differs. Everything in it was made from the
/// frame (a view without any service or rule) and from what it is filed under, and nothing else: that is all its maker is given.
/// Not thread-safe.
/// </summary>
internal sealed class TranslationMemo
{
    private readonly Dictionary<string, (object Input, object Value)> _sections = new(StringComparer.Ordinal);
    private ScopeView? _frame;

    public ServiceMemo<Passed> Clusters { get; } = new();

    /// <summary>By protocol, a cluster of a service that nothing is written about: all others of the kind are like it.</summary>
    public Dictionary<AppProtocol, Draft> PlainClusters { get; } = [];

    public ServiceMemo<Draft> VirtualHosts { get; } = new();

    public ServiceMemo<IReadOnlyList<Passed>> TcpListeners { get; } = new();

    /// <summary>What became of resources that plugins have changed; it goes with the resource.</summary>
    public ConditionalWeakTable<XdsResource, Patched> Patched { get; } = [];

    /// <summary>How many values there are.</summary>
    public int Count => _sections.Count + Clusters.Count + VirtualHosts.Count + TcpListeners.Count;

    /// <summary>Forgets what was made from another frame. Returns the one to use: of equal frames always the same, which is compared at a glance.</summary>
    public ScopeView Begin(ScopeView frame)
    {
        if (frame != _frame)
        {
            _frame = frame;
            _sections.Clear();
            Clusters.Clear();
            PlainClusters.Clear();
            VirtualHosts.Clear();
            TcpListeners.Clear();
            Patched.Clear();
        }

        Clusters.Begin();
        VirtualHosts.Begin();
        TcpListeners.Begin();
        return _frame;
    }

    public void End()
    {
        Clusters.End();
        VirtualHosts.End();
        TcpListeners.End();
    }

    /// <summary>The value under a name, if it was made from an equal input.</summary>
    public TValue Section<TInput, TValue>(string name, TInput input, Func<TInput, TValue> make)
        where TInput : notnull
        where TValue : notnull
    {
        if (!_sections.TryGetValue(name, out var known) || !known.Input.Equals(input))
        {
            _sections[name] = known = (input, make(input));
        }

        return (TValue)known.Value;
    }
}
