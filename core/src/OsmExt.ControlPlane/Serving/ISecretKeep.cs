using OsmExt.Sdk.Collections;
using OsmExt.Sdk.Plugins;

namespace OsmExt.ControlPlane.Serving;

/// <summary>Where Secrets for those outside the mesh are kept.</summary>
internal interface ISecretKeep
{
    /// <summary>Writes a Secret; what says the same already is not touched.</summary>
    /// <param name="secret">Which one.</param>
    /// <param name="fields">All its fields: texts, or keys.</param>
    void Write(ObjectName secret, params IReadOnlyCollection<(string Field, object Value)> fields);

    /// <summary>Removes all that were written here but these, and but those that patterns are for.</summary>
    void RemoveExcept(HashSet<ObjectName> kept, EquatableArray<string> patterns);
}
