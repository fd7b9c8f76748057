// SPDX-License-Identifier: Apache-2.0
//
// A GStreamer element as a plain description:
//
//   struct Osd {
//     using Parent = GstBaseTransform;             // instance and class of the GStreamer base class
//     using ParentClass = GstBaseTransformClass;
//     struct Options { ... };                      // what the properties set
//     struct State { ... };                        // everything else; made with each instance, gone with it
//     static constexpr const char* type_name = "GstNvDsOsd";  // GStreamer names instances after it: nvdsosd0
//     static GType parent_type();
//     static std::span<const Property<Options>> properties();
//     static void init_class(ParentClass*);        // metadata, pad templates, virtual functions
//     static void init_instance(Parent*);          // pads, flags
//     static void option_changed(Parent*, const char* name);  // optional, after a property was set, without the lock
//   };
//
// Element<Osd>::type() registers it once; Element<Osd>::state(instance) is its State.
#pragma once

#include <gst/gst.h>

#include <utility>

#include "gst/support/property.h"

namespace es::gst {

template <typename Description>
class Element {
 public:
  using Parent = typename Description::Parent;
  using ParentClass = typename Description::ParentClass;
  using Options = typename Description::Options;
  using State = typename Description::State;

  static GType type() {
    static const GType registered = [] {
      GTypeInfo info{};
      info.class_size = sizeof(ParentClass);
      info.class_init = init_class;
      info.instance_size = sizeof(Instance);
      info.instance_init = init_instance;
      return g_type_register_static(Description::parent_type(), Description::type_name, &info, GTypeFlags(0));
    }();
    return registered;
  }

  static State& state(gpointer instance) { return static_cast<Content*>(content(instance))->state; }

  // A copy of the properties as they are now.
  static Options options(gpointer instance) {
    GST_OBJECT_LOCK(instance);
    Options copy = static_cast<Content*>(content(instance))->options;
    GST_OBJECT_UNLOCK(instance);
    return copy;
  }

  // Changes the properties under the lock: change(options).
  template <typename Change>
  static void update_options(gpointer instance, Change change) {
    GST_OBJECT_LOCK(instance);
    change(static_cast<Content*>(content(instance))->options);
    GST_OBJECT_UNLOCK(instance);
  }

  // The base class's class, to call what it does by default.
  static ParentClass* parent_class() {
    static const gpointer found = g_type_class_ref(Description::parent_type());
    return static_cast<ParentClass*>(found);
  }

 private:
  struct Content {
    Options options;
    State state;
  };
  struct Instance {
    Parent parent;
    Content* content;
  };

  static Content* content(gpointer instance) { return static_cast<Instance*>(instance)->content; }

  static void init_class(gpointer klass, gpointer) {
    auto* object_class = static_cast<GObjectClass*>(klass);
    object_class->finalize = finalize;
    object_class->set_property = set_property;
    object_class->get_property = get_property;
    install_properties<Options>(object_class, Description::properties());
    Description::init_class(static_cast<ParentClass*>(klass));
  }

  static void init_instance(GTypeInstance* instance, gpointer) {
    static_cast<Instance*>(static_cast<gpointer>(instance))->content = new Content{};
    Description::init_instance(static_cast<Parent*>(static_cast<gpointer>(instance)));
  }

  static void finalize(GObject* object) {
    delete content(object);
    G_OBJECT_CLASS(parent_class())->finalize(object);
  }

  static void set_property(GObject* object, guint id, const GValue* value, GParamSpec*) {
    const auto& row = Description::properties()[id - 1];
    update_options(object, [&](Options& options) { set_field(row, options, value); });
    if constexpr (requires(Parent * p) { Description::option_changed(p, ""); }) {
      Description::option_changed(static_cast<Parent*>(static_cast<gpointer>(object)), row.name);
    }
  }

  static void get_property(GObject* object, guint id, GValue* value, GParamSpec*) {
    const auto& row = Description::properties()[id - 1];
    update_options(object, [&](const Options& options) { get_field(row, options, value); });
  }
};

// Pad template of a caps text.
inline GstPadTemplate* pad_template(const char* name, GstPadDirection direction, GstPadPresence presence,
                                    GstCaps* caps) {
  GstPadTemplate* made = gst_pad_template_new(name, direction, presence, caps);
  gst_caps_unref(caps);
  return made;
}

}  // namespace es::gst
