using OsmExt.Kubernetes.Views;
using OsmExt.PluginHost;

namespace OsmExt.ControlPlane.Plugins;

/// <summary>The kinds of the plugins in force, for whoever reads objects.</summary>
internal sealed class LivePluginKinds(PluginsInForce plugins)
{
    private (PluginSet Of, PluginKinds Kinds) _known = (PluginSet.Empty, PluginKinds.None);

    public PluginKinds Current()
    {
        var set = plugins.Current;
        var known = _known;
        if (!ReferenceEquals(known.Of, set))
        {
            _known = known = (set, new(set.Kinds, set.MayHaveSecrets));
        }

        return known.Kinds;
    }
}
