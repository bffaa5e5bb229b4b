using OsmExt.Sdk.Resources;

namespace OsmExt.Sdk.Plugins;

/// <summary>Something a plugin has to say about one of its objects, beside what the mesh says itself. It appears in the object's status as <c>PLUGIN/TYPE</c>.</summary>
/// <param name="Object">One of the objects the plugin was given.</param>
/// <param name="Type">Which condition: letters and digits, beginning with a capital one; up to 63.</param>
/// <param name="Holds">Whether it holds; null when that cannot be told.</param>
/// <param name="Reason">Why, in one word of the same letters.</param>
/// <param name="Message">Why, in words, up to 1024 letters.</param>
public sealed record PluginCondition(ResourceKey Object, string Type, bool? Holds, string Reason, string Message);
