namespace OsmExt.PluginHost;

/// <summary>Holds the plugins in force. One thread replaces them; everybody reads.</summary>
internal sealed class PluginsInForce
{
    private volatile PluginSet _current = PluginSet.Empty;

    public PluginSet Current
    {
        get => _current;
        set => _current = value;
    }
}
