using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Services;

/// <summary>Takes what services say. It is called on their threads, so it must neither wait nor throw.</summary>
/// <param name="Published">What the plugin of that id contributes may be something else now.</param>
/// <param name="Logged">Plugin, service, level and text.</param>
internal sealed record ServiceEvents(Action<string> Published, Action<string, string, ServiceLogLevel, string> Logged);
