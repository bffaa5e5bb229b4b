using OsmExt.Sdk.Plugins;

namespace OsmExt.Kubernetes.Models;

/// <summary>An object of a kind that a plugin brings; its schema gives the legal fields.</summary>
internal sealed class PluginResourceModel : CustomObject<ConfigValue>;
