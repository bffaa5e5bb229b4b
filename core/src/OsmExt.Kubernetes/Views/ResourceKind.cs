using k8s.Models;
using OsmExt.Sdk.Plugins;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Views;

/// <summary>A kind the mesh reads: its names, the model that gives its legal fields, and how a model becomes a resource.</summary>
internal abstract class ResourceKind
{
    /// <summary>API group; empty for the core group.</summary>
    public required string Group { get; init; }

    /// <summary>The versions that are read, newest first.</summary>
    public required string[] Versions { get; init; }

    public required string Kind { get; init; }

    public bool IsNamespaced { get; init; } = true;

    /// <summary>Whether the name, too, must be a DNS label.</summary>
    public bool NameIsLabel { get; init; }

    /// <summary>Whether no value of it may be shown.</summary>
    public bool HidesValues { get; init; }

    public required FieldSet Reads { get; init; }

    /// <summary>What free-form values of the model may look like in a version; null where the model's class says everything.</summary>
    public Func<string, ConfigSchema>? Schema { get; init; }

    public abstract Type Model { get; }

    /// <summary>
    /// What the mesh reads of a model. Always a value, also of a model with errors: the report says whether it can be used.
    /// </summary>
    public abstract Resource View(object model, string ns, string name, FieldReport report);

    public string ApiVersion(string version) => Group.Length == 0 ? version : $"{Group}/{version}";
}

/// <inheritdoc/>
internal sealed class ResourceKind<TModel>(Func<TModel, ResourceMetadata, FieldReport, Resource> view) : ResourceKind
    where TModel : class, IMetadata<V1ObjectMeta>
{
    public override Type Model => typeof(TModel);

    public override Resource View(object model, string ns, string name, FieldReport report)
    {
        var typed = (TModel)model;
        return view(typed, MetadataView.From(typed.Metadata, ns, name, report), report);
    }
}
